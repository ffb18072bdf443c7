/** What the domains say, put together to one registration. Pure. */
import { type DomainReport, type RegistrationDomain, registrationDomains } from "../../at/replies/creg.js";
import { networkCause } from "../../codec/network-cause.js";
import type { PacketService, Registration, RegistrationStatus, Technology } from "../../modem/types.js";
import type { FailureCause } from "../../runtime/error.js";
import { technologyOf } from "./technology.js";

export type Domains = Readonly<Partial<Record<RegistrationDomain, DomainReport>>>;

/** Who serves, as +COPS told it. */
export interface ServingOperator {
  readonly name?: string;
  readonly plmn?: string;
  readonly technology?: Technology;
}

/** By `<stat>`: 6, 7 are registered for messages, 9, 10 without preference for circuits; 8 and 11 serve emergencies only. */
const statuses: readonly RegistrationStatus[] = [
  ...(["unregistered", "registered", "searching", "denied", "unknown", "roaming"] as const),
  ...(["registered", "roaming", "denied", "registered", "roaming", "denied"] as const),
];

const statusOf = ({ stat }: DomainReport): RegistrationStatus => statuses[stat] ?? "unknown";
const serves = (status: RegistrationStatus): boolean => status === "registered" || status === "roaming";

/** Where none serves: the one that tells most. */
const unserved: readonly RegistrationStatus[] = ["denied", "searching", "unregistered"];

const causeTables = { "+C5GREG": "5gmm", "+CEREG": "emm", "+CGREG": "gmm", "+CREG": "gmm" } as const;
const newest: Readonly<Partial<Record<RegistrationDomain, Technology>>> = { "+C5GREG": "nr", "+CEREG": "lte" };

export interface Served {
  readonly status: RegistrationStatus;
  readonly domain?: RegistrationDomain;
  readonly report?: DomainReport;
}

/** The newest domain that serves. */
export function servedBy(domains: Domains): Served {
  const known = registrationDomains.flatMap((domain) => {
    const report = domains[domain];
    return report === undefined ? [] : [{ domain, report, status: statusOf(report) }];
  });
  const serving = known.find(({ status }) => serves(status));
  if (serving !== undefined) return serving;
  const status = unserved.find((one) => known.some((report) => report.status === one));
  return known.find((report) => report.status === status) ?? { status: "unknown" };
}

export const isServed = (domains: Domains): boolean => serves(servedBy(domains).status);

/** Why the network refused, by the domain that says so; `told` is a vendor's own report of the same. */
export function refusalOf(domains: Domains, told: FailureCause | undefined): FailureCause | undefined {
  const denied = registrationDomains.flatMap((domain) => {
    const report = domains[domain];
    if (report === undefined || statusOf(report) !== "denied" || report.cause === undefined) return [];
    return networkCause(causeTables[domain], report.cause) ?? [];
  });
  return denied[0] ?? told;
}

export interface RegistrationFacts {
  readonly domains: Domains;
  readonly isManual: boolean;
  readonly operator: ServingOperator | undefined;
  /** What the vendor's own words say of the last refusal. */
  readonly refusal: FailureCause | undefined;
}

export function registrationOf({ domains, isManual, operator, refusal }: RegistrationFacts): Registration {
  const { status, domain, report } = servedBy(domains);
  const mode = isManual ? "manual" : "auto";
  if (!serves(status)) {
    const cause = status === "denied" ? refusalOf(domains, refusal) : undefined;
    return { status, mode, ...(cause === undefined ? {} : { cause }) };
  }
  const technology = technologyOf(report?.act) ?? operator?.technology ?? (domain && newest[domain]);
  const { name, plmn } = operator ?? {};
  return {
    status,
    mode,
    ...(technology === undefined ? {} : { technology }),
    ...(name === undefined ? {} : { operatorName: name }),
    ...(plmn === undefined ? {} : { mcc: plmn.slice(0, 3), mnc: plmn.slice(3) }),
    ...(report?.areaCode === undefined ? {} : { areaCode: report.areaCode }),
    ...(report?.cellId === undefined ? {} : { cellId: report.cellId }),
  };
}

/** The packet service as the modem answers it, with why it is not there. */
export function packetServiceOf(isAttached: boolean, { domains, refusal }: RegistrationFacts): PacketService {
  if (!isAttached) {
    const { "+CREG": _circuits, ...packets } = domains;
    const isDenied = servedBy(packets).status === "denied";
    const cause = isDenied ? refusalOf(packets, refusal) : undefined;
    return { state: "detached", ...(cause === undefined ? {} : { cause }) };
  }
  const { domain, report } = servedBy(domains);
  const technology = technologyOf(report?.act) ?? (domain && newest[domain]);
  return { state: "attached", ...(technology === undefined ? {} : { technology }) };
}
