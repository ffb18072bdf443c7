import type { SignalSource } from "../bind.js";
import type { ExportedInterface, ExportedMethod } from "../types.js";

const readers = ["org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager"];

/**
 * The same bus, where `refresh` runs before anybody reads properties: for values that are of now (an age) and would be
 * out of date between two changes.
 */
export function freshWhenRead(bus: SignalSource, refresh: () => void): SignalSource {
  const refreshing = (method: ExportedMethod): ExportedMethod => ({
    inSignature: method.inSignature,
    call(args, caller) {
      refresh();
      return method.call(args, caller);
    },
  });
  const wrapped = ({ name, xml, methods }: ExportedInterface): ExportedInterface => ({
    name,
    xml,
    methods: new Map([...methods].map(([member, method]) => [member, refreshing(method)])),
  });
  return {
    export: (path, exported) => bus.export(path, readers.includes(exported.name) ? wrapped(exported) : exported),
    emit: (...signal) => bus.emit(...signal),
    emitLate: (...signal) => bus.emitLate(...signal),
  };
}
