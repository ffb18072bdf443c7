/** The grammar of names on the bus. A message that breaks it makes the daemon drop our connection: see Q1 of the tests. */
const element = "[A-Za-z_][A-Za-z0-9_]*";
const objectPath = /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/;
const interfaceName = new RegExp(`^${element}(?:\\.${element})+$`);
const memberName = new RegExp(`^${element}$`);
const busElement = "[A-Za-z_-][A-Za-z0-9_-]*";
const busName = new RegExp(`^(?::[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)+|${busElement}(?:\\.${busElement})+)$`);

const maxNameLength = 255;

/** @see D-Bus Specification, "Valid Object Paths" */
export const isObjectPath = (text: string): boolean => objectPath.test(text);
/** Also the rule for error names. @see D-Bus Specification, "Interface names" */
export const isInterfaceName = (text: string): boolean => text.length <= maxNameLength && interfaceName.test(text);
/** @see D-Bus Specification, "Member names" */
export const isMemberName = (text: string): boolean => text.length <= maxNameLength && memberName.test(text);
/** Unique and well-known names. @see D-Bus Specification, "Bus names" */
export const isBusName = (text: string): boolean => text.length <= maxNameLength && busName.test(text);
/** Most strings have neither; only one that might is looked at by the slower Unicode rules. */
const suspicious = /[\0\ud800-\udfff]/;
const unsendable = /\0|\p{Surrogate}/u;
/** D-Bus strings are valid UTF-8 without NUL: a JavaScript string with half a surrogate pair has no UTF-8. */
export const isBusString = (text: string): boolean => !suspicious.test(text) || !unsendable.test(text);
