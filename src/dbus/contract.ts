// Generated from dbus-interfaces/*.xml by dbus-interfaces/generate.ts. Do not edit: change the XML and run it.
import type { InterfaceDescription, Variant } from "./types.js";

/** The types of every property, method and signal, by interface. */
export interface Contract {
  readonly "net.wwand.Card1": {
    readonly properties: Readonly<Record<never, never>>;
    readonly methods: {
      readonly GetSlots: { readonly args: readonly []; readonly reply: readonly Readonly<Record<string, Variant>>[] };
      readonly ActivateSlot: { readonly args: readonly [number: number]; readonly reply: undefined };
      readonly GetPreferredNetworks: { readonly args: readonly []; readonly reply: readonly string[] };
      readonly GetForbiddenNetworks: { readonly args: readonly []; readonly reply: readonly string[] };
      readonly ClearForbiddenNetworks: { readonly args: readonly []; readonly reply: undefined };
      readonly OpenChannel: {
        readonly args: readonly [aid: Uint8Array];
        readonly reply: readonly [channel: number, selected: Uint8Array];
      };
      readonly Transmit: { readonly args: readonly [channel: number, apdu: Uint8Array]; readonly reply: Uint8Array };
      readonly CloseChannel: { readonly args: readonly [channel: number]; readonly reply: undefined };
    };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "net.wwand.Daemon1": {
    readonly properties: {
      readonly Version: { readonly type: string; readonly writable: false };
      readonly PolicyFiles: { readonly type: readonly string[]; readonly writable: false };
      readonly PolicyFolders: { readonly type: readonly string[]; readonly writable: false };
      readonly PolicyGeneration: { readonly type: string; readonly writable: false };
      readonly PolicyError: { readonly type: string; readonly writable: false };
      readonly Resolver: { readonly type: string; readonly writable: false };
      readonly ResolverBecause: { readonly type: string; readonly writable: false };
      readonly ResolverStub: { readonly type: string; readonly writable: false };
    };
    readonly methods: {
      readonly Why: { readonly args: readonly [destination: string]; readonly reply: readonly string[] };
      readonly WhyPacket: {
        readonly args: readonly [packet: Readonly<Record<string, string>>];
        readonly reply: Readonly<Record<string, Variant>>;
      };
    };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "net.wwand.Device1": {
    readonly properties: {
      readonly Bus: { readonly type: string; readonly writable: false };
      readonly Address: { readonly type: string; readonly writable: false };
      readonly Ids: { readonly type: string; readonly writable: false };
      readonly Manufacturer: { readonly type: string; readonly writable: false };
      readonly Model: { readonly type: string; readonly writable: false };
      readonly Certainty: { readonly type: string; readonly writable: false };
      readonly Verdict: { readonly type: string; readonly writable: false };
      readonly Summary: { readonly type: string; readonly writable: false };
      readonly Protocol: { readonly type: string; readonly writable: false };
      readonly Modem: { readonly type: string; readonly writable: false };
      readonly Name: { readonly type: string; readonly writable: false };
      readonly Imei: { readonly type: string; readonly writable: false };
      readonly ModemManufacturer: { readonly type: string; readonly writable: false };
      readonly ModemModel: { readonly type: string; readonly writable: false };
      readonly Ports: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
      readonly Findings: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
      readonly Interfaces: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
      readonly Composition: { readonly type: string; readonly writable: false };
      readonly OtherCompositions: {
        readonly type: readonly Readonly<Record<string, Variant>>[];
        readonly writable: false;
      };
      readonly CompositionRisk: { readonly type: string; readonly writable: false };
      readonly CompositionSource: { readonly type: string; readonly writable: false };
    };
    readonly methods: {
      readonly SwitchComposition: {
        readonly args: readonly [composition: string];
        readonly reply: readonly [now: string, ids: string, name: string, back: string, summary: string];
      };
    };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "net.wwand.Failover1": {
    readonly properties: {
      readonly Ipv4Uplink: { readonly type: string; readonly writable: false };
      readonly Ipv6Uplink: { readonly type: string; readonly writable: false };
      readonly Actuating: { readonly type: string; readonly writable: false };
      readonly ActuatingBecause: { readonly type: readonly string[]; readonly writable: false };
      readonly Because: { readonly type: readonly string[]; readonly writable: false };
      readonly Groups: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
      readonly WorstCaseDetectionMs: { readonly type: number; readonly writable: false };
      readonly LastSwitch: { readonly type: Readonly<Record<string, Variant>>; readonly writable: false };
      readonly LastSwitches: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
    };
    readonly methods: { readonly Failback: { readonly args: readonly []; readonly reply: readonly string[] } };
    readonly signals: {
      readonly Switched: readonly [family: string, from: string, to: string, because: readonly string[]];
      readonly GroupSwitched: readonly [
        group: string,
        family: string,
        from: string,
        to: string,
        because: readonly string[],
      ];
    };
  };
  readonly "net.wwand.Modem1": {
    readonly properties: {
      readonly OfonoPath: { readonly type: string; readonly writable: false };
      readonly Driver: { readonly type: string; readonly writable: false };
      readonly Port: { readonly type: string; readonly writable: false };
      readonly Imei: { readonly type: string; readonly writable: false };
      readonly Level: { readonly type: string; readonly writable: false };
      readonly Stage: { readonly type: string; readonly writable: false };
      readonly Cause: { readonly type: string; readonly writable: false };
      readonly Interface: { readonly type: string; readonly writable: false };
      readonly AddressMethod: { readonly type: string; readonly writable: false };
      readonly Apn: { readonly type: string; readonly writable: false };
      readonly ApnSource: { readonly type: string; readonly writable: false };
      readonly ApnPassedOver: { readonly type: readonly string[]; readonly writable: false };
      readonly ProtocolOptions: {
        readonly type: readonly (readonly [number, string, string])[];
        readonly writable: false;
      };
      readonly WhoHoldsRadioOff: { readonly type: readonly string[]; readonly writable: false };
    };
    readonly methods: {
      readonly GetStatistics: { readonly args: readonly []; readonly reply: Readonly<Record<string, bigint>> };
      readonly Reset: { readonly args: readonly []; readonly reply: undefined };
      readonly GetGnss: { readonly args: readonly []; readonly reply: string };
      readonly SetGnss: { readonly args: readonly [on: boolean]; readonly reply: undefined };
      readonly GetTemperatures: { readonly args: readonly []; readonly reply: readonly (readonly [string, number])[] };
    };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "net.wwand.Radio1": {
    readonly properties: {
      readonly Signal: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
      readonly RejectCause: { readonly type: string; readonly writable: false };
    };
    readonly methods: {
      readonly GetCells: { readonly args: readonly []; readonly reply: readonly Readonly<Record<string, Variant>>[] };
      readonly GetSelection: {
        readonly args: readonly [];
        readonly reply: readonly [
          supportedModes: readonly string[],
          supportedBands: Readonly<Record<string, readonly number[]>>,
          preferredModes: readonly string[],
          preferredBands: Readonly<Record<string, readonly number[]>>,
        ];
      };
      readonly PreferModes: { readonly args: readonly [modes: readonly string[]]; readonly reply: undefined };
      readonly PreferBands: {
        readonly args: readonly [bands: Readonly<Record<string, readonly number[]>>];
        readonly reply: undefined;
      };
    };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "net.wwand.Trace1": {
    readonly properties: Readonly<Record<never, never>>;
    readonly methods: {
      readonly List: {
        readonly args: readonly [];
        readonly reply: readonly (readonly [string, string, string, string, number])[];
      };
      readonly Read: { readonly args: readonly [name: string, identities: boolean]; readonly reply: Uint8Array };
    };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "net.wwand.Uplink1": {
    readonly properties: {
      readonly Name: { readonly type: string; readonly writable: false };
      readonly Interface: { readonly type: string; readonly writable: false };
      readonly Kind: { readonly type: string; readonly writable: false };
      readonly Presence: { readonly type: string; readonly writable: false };
      readonly Verdict4: { readonly type: string; readonly writable: false };
      readonly Verdict6: { readonly type: string; readonly writable: false };
      readonly Eligibility: { readonly type: string; readonly writable: false };
      readonly Tier: { readonly type: number; readonly writable: false };
      readonly Addresses: { readonly type: readonly string[]; readonly writable: false };
      readonly Gateway4: { readonly type: string; readonly writable: false };
      readonly Gateway6: { readonly type: string; readonly writable: false };
      readonly DomainNameServers: { readonly type: readonly string[]; readonly writable: false };
      readonly Because: { readonly type: readonly string[]; readonly writable: false };
      readonly WorstCaseDetectionMs: { readonly type: number; readonly writable: false };
      readonly Metered: { readonly type: boolean; readonly writable: false };
      readonly VerdictAgeMs: { readonly type: bigint; readonly writable: false };
      readonly Targets: { readonly type: readonly Readonly<Record<string, Variant>>[]; readonly writable: false };
      readonly Usage: { readonly type: Readonly<Record<string, Variant>>; readonly writable: false };
    };
    readonly methods: Readonly<Record<never, never>>;
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "org.freedesktop.DBus.Introspectable": {
    readonly properties: Readonly<Record<never, never>>;
    readonly methods: { readonly Introspect: { readonly args: readonly []; readonly reply: string } };
    readonly signals: Readonly<Record<never, never>>;
  };
  readonly "org.freedesktop.DBus.ObjectManager": {
    readonly properties: Readonly<Record<never, never>>;
    readonly methods: {
      readonly GetManagedObjects: {
        readonly args: readonly [];
        readonly reply: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Variant>>>>>>;
      };
    };
    readonly signals: {
      readonly InterfacesAdded: readonly [
        object_path: string,
        interfaces_and_properties: Readonly<Record<string, Readonly<Record<string, Variant>>>>,
      ];
      readonly InterfacesRemoved: readonly [object_path: string, interfaces: readonly string[]];
    };
  };
  readonly "org.freedesktop.DBus.Properties": {
    readonly properties: Readonly<Record<never, never>>;
    readonly methods: {
      readonly Get: {
        readonly args: readonly [interface_name: string, property_name: string];
        readonly reply: Variant;
      };
      readonly GetAll: {
        readonly args: readonly [interface_name: string];
        readonly reply: Readonly<Record<string, Variant>>;
      };
      readonly Set: {
        readonly args: readonly [interface_name: string, property_name: string, value: Variant];
        readonly reply: undefined;
      };
    };
    readonly signals: {
      readonly PropertiesChanged: readonly [
        interface_name: string,
        changed_properties: Readonly<Record<string, Variant>>,
        invalidated_properties: readonly string[],
      ];
    };
  };
  readonly "org.ofono.ConnectionContext": {
    readonly properties: {
      readonly Name: { readonly type: string; readonly writable: true };
      readonly Active: { readonly type: boolean; readonly writable: true };
      readonly Type: { readonly type: string; readonly writable: true };
      readonly Protocol: { readonly type: string; readonly writable: true };
      readonly AccessPointName: { readonly type: string; readonly writable: true };
      readonly Username: { readonly type: string; readonly writable: true };
      readonly Password: { readonly type: string; readonly writable: true };
      readonly AuthenticationMethod: { readonly type: string; readonly writable: true };
      readonly MessageProxy: { readonly type: string; readonly writable: true };
      readonly MessageCenter: { readonly type: string; readonly writable: true };
      readonly Settings: { readonly type: Readonly<Record<string, Variant>>; readonly writable: false };
      readonly "IPv6.Settings": { readonly type: Readonly<Record<string, Variant>>; readonly writable: false };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly SetProperty: { readonly args: readonly [property: string, value: Variant]; readonly reply: undefined };
    };
    readonly signals: { readonly PropertyChanged: readonly [name: string, value: Variant] };
  };
  readonly "org.ofono.ConnectionManager": {
    readonly properties: {
      readonly Attached: { readonly type: boolean; readonly writable: false };
      readonly Bearer: { readonly type: string; readonly writable: false };
      readonly Suspended: { readonly type: boolean; readonly writable: false };
      readonly RoamingAllowed: { readonly type: boolean; readonly writable: true };
      readonly Powered: { readonly type: boolean; readonly writable: true };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly SetProperty: { readonly args: readonly [property: string, value: Variant]; readonly reply: undefined };
      readonly AddContext: { readonly args: readonly [type: string]; readonly reply: string };
      readonly RemoveContext: { readonly args: readonly [path: string]; readonly reply: undefined };
      readonly DeactivateAll: { readonly args: readonly []; readonly reply: undefined };
      readonly ResetContexts: { readonly args: readonly []; readonly reply: undefined };
      readonly GetContexts: {
        readonly args: readonly [];
        readonly reply: readonly (readonly [string, Readonly<Record<string, Variant>>])[];
      };
    };
    readonly signals: {
      readonly PropertyChanged: readonly [name: string, value: Variant];
      readonly ContextAdded: readonly [path: string, properties: Readonly<Record<string, Variant>>];
      readonly ContextRemoved: readonly [path: string];
    };
  };
  readonly "org.ofono.Manager": {
    readonly properties: Readonly<Record<never, never>>;
    readonly methods: {
      readonly GetModems: {
        readonly args: readonly [];
        readonly reply: readonly (readonly [string, Readonly<Record<string, Variant>>])[];
      };
    };
    readonly signals: {
      readonly ModemAdded: readonly [path: string, properties: Readonly<Record<string, Variant>>];
      readonly ModemRemoved: readonly [path: string];
    };
  };
  readonly "org.ofono.Message": {
    readonly properties: { readonly State: { readonly type: string; readonly writable: false } };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly Cancel: { readonly args: readonly []; readonly reply: undefined };
    };
    readonly signals: { readonly PropertyChanged: readonly [name: string, value: Variant] };
  };
  readonly "org.ofono.MessageManager": {
    readonly properties: {
      readonly ServiceCenterAddress: { readonly type: string; readonly writable: true };
      readonly UseDeliveryReports: { readonly type: boolean; readonly writable: true };
      readonly Bearer: { readonly type: string; readonly writable: true };
      readonly Alphabet: { readonly type: string; readonly writable: true };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly SetProperty: { readonly args: readonly [property: string, value: Variant]; readonly reply: undefined };
      readonly GetMessages: {
        readonly args: readonly [];
        readonly reply: readonly (readonly [string, Readonly<Record<string, Variant>>])[];
      };
      readonly SendMessage: { readonly args: readonly [to: string, text: string]; readonly reply: string };
    };
    readonly signals: {
      readonly PropertyChanged: readonly [name: string, value: Variant];
      readonly ImmediateMessage: readonly [message: string, info: Readonly<Record<string, Variant>>];
      readonly IncomingMessage: readonly [message: string, info: Readonly<Record<string, Variant>>];
      readonly MessageAdded: readonly [path: string, properties: Readonly<Record<string, Variant>>];
      readonly MessageRemoved: readonly [path: string];
    };
  };
  readonly "org.ofono.Modem": {
    readonly properties: {
      readonly Online: { readonly type: boolean; readonly writable: true };
      readonly Powered: { readonly type: boolean; readonly writable: true };
      readonly Lockdown: { readonly type: boolean; readonly writable: true };
      readonly Emergency: { readonly type: boolean; readonly writable: false };
      readonly Name: { readonly type: string; readonly writable: false };
      readonly Manufacturer: { readonly type: string; readonly writable: false };
      readonly Model: { readonly type: string; readonly writable: false };
      readonly Revision: { readonly type: string; readonly writable: false };
      readonly Serial: { readonly type: string; readonly writable: false };
      readonly SoftwareVersionNumber: { readonly type: string; readonly writable: false };
      readonly SystemPath: { readonly type: string; readonly writable: false };
      readonly Interfaces: { readonly type: readonly string[]; readonly writable: false };
      readonly Features: { readonly type: readonly string[]; readonly writable: false };
      readonly Type: { readonly type: string; readonly writable: false };
      readonly Capabilities: { readonly type: readonly string[]; readonly writable: false };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly SetProperty: { readonly args: readonly [property: string, value: Variant]; readonly reply: undefined };
    };
    readonly signals: { readonly PropertyChanged: readonly [name: string, value: Variant] };
  };
  readonly "org.ofono.NetworkOperator": {
    readonly properties: {
      readonly Name: { readonly type: string; readonly writable: false };
      readonly Status: { readonly type: string; readonly writable: false };
      readonly MobileCountryCode: { readonly type: string; readonly writable: false };
      readonly MobileNetworkCode: { readonly type: string; readonly writable: false };
      readonly Technologies: { readonly type: readonly string[]; readonly writable: false };
      readonly AdditionalInformation: { readonly type: string; readonly writable: false };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly Register: { readonly args: readonly []; readonly reply: undefined };
    };
    readonly signals: { readonly PropertyChanged: readonly [name: string, value: Variant] };
  };
  readonly "org.ofono.NetworkRegistration": {
    readonly properties: {
      readonly Status: { readonly type: string; readonly writable: false };
      readonly Mode: { readonly type: string; readonly writable: false };
      readonly LocationAreaCode: { readonly type: number; readonly writable: false };
      readonly CellId: { readonly type: number; readonly writable: false };
      readonly Technology: { readonly type: string; readonly writable: false };
      readonly MobileCountryCode: { readonly type: string; readonly writable: false };
      readonly MobileNetworkCode: { readonly type: string; readonly writable: false };
      readonly Name: { readonly type: string; readonly writable: false };
      readonly Strength: { readonly type: number; readonly writable: false };
      readonly BaseStation: { readonly type: string; readonly writable: false };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly Register: { readonly args: readonly []; readonly reply: undefined };
      readonly GetOperators: {
        readonly args: readonly [];
        readonly reply: readonly (readonly [string, Readonly<Record<string, Variant>>])[];
      };
      readonly Scan: {
        readonly args: readonly [];
        readonly reply: readonly (readonly [string, Readonly<Record<string, Variant>>])[];
      };
    };
    readonly signals: { readonly PropertyChanged: readonly [name: string, value: Variant] };
  };
  readonly "org.ofono.SimManager": {
    readonly properties: {
      readonly Present: { readonly type: boolean; readonly writable: false };
      readonly CardIdentifier: { readonly type: string; readonly writable: false };
      readonly SubscriberIdentity: { readonly type: string; readonly writable: false };
      readonly ServiceProviderName: { readonly type: string; readonly writable: false };
      readonly ImsPrivateIdentity: { readonly type: string; readonly writable: false };
      readonly MobileCountryCode: { readonly type: string; readonly writable: false };
      readonly MobileNetworkCode: { readonly type: string; readonly writable: false };
      readonly SubscriberNumbers: { readonly type: readonly string[]; readonly writable: true };
      readonly LockedPins: { readonly type: readonly string[]; readonly writable: false };
      readonly PinRequired: { readonly type: string; readonly writable: false };
      readonly Retries: { readonly type: Readonly<Record<string, number>>; readonly writable: false };
      readonly PreferredLanguages: { readonly type: readonly string[]; readonly writable: false };
      readonly ServiceNumbers: { readonly type: Readonly<Record<string, string>>; readonly writable: false };
      readonly FixedDialing: { readonly type: boolean; readonly writable: false };
      readonly BarredDialing: { readonly type: boolean; readonly writable: false };
      readonly CardSlotCount: { readonly type: number; readonly writable: false };
      readonly ActiveCardSlot: { readonly type: number; readonly writable: true };
    };
    readonly methods: {
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
      readonly SetProperty: { readonly args: readonly [property: string, value: Variant]; readonly reply: undefined };
      readonly EnterPin: { readonly args: readonly [type: string, pin: string]; readonly reply: undefined };
      readonly ChangePin: {
        readonly args: readonly [type: string, oldpin: string, newpin: string];
        readonly reply: undefined;
      };
      readonly ResetPin: {
        readonly args: readonly [type: string, puk: string, newpin: string];
        readonly reply: undefined;
      };
      readonly LockPin: { readonly args: readonly [type: string, pin: string]; readonly reply: undefined };
      readonly UnlockPin: { readonly args: readonly [type: string, pin: string]; readonly reply: undefined };
      readonly GetIcon: { readonly args: readonly [id: number]; readonly reply: Uint8Array };
      readonly ClearForbiddenNetworkOperators: { readonly args: readonly []; readonly reply: undefined };
    };
    readonly signals: { readonly PropertyChanged: readonly [name: string, value: Variant] };
  };
  readonly "org.ofono.SupplementaryServices": {
    readonly properties: { readonly State: { readonly type: string; readonly writable: false } };
    readonly methods: {
      readonly Initiate: {
        readonly args: readonly [command: string];
        readonly reply: readonly [result_name: string, value: Variant];
      };
      readonly Respond: { readonly args: readonly [reply: string]; readonly reply: string };
      readonly Cancel: { readonly args: readonly []; readonly reply: undefined };
      readonly GetProperties: { readonly args: readonly []; readonly reply: Readonly<Record<string, Variant>> };
    };
    readonly signals: {
      readonly NotificationReceived: readonly [message: string];
      readonly RequestReceived: readonly [message: string];
      readonly PropertyChanged: readonly [name: string, value: Variant];
    };
  };
}

/** What the bindings dispatch and introspect by. */
export const contract = {
  "net.wwand.Card1": {
    xml: `<interface name="net.wwand.Card1">
  <method name="GetSlots">
    <arg name="slots" type="aa{sv}" direction="out"/>
  </method>
  <method name="ActivateSlot">
    <arg name="number" type="u" direction="in"/>
  </method>
  <method name="GetPreferredNetworks">
    <arg name="plmns" type="as" direction="out"/>
  </method>
  <method name="GetForbiddenNetworks">
    <arg name="plmns" type="as" direction="out"/>
  </method>
  <method name="ClearForbiddenNetworks"/>
  <method name="OpenChannel">
    <arg name="aid" type="ay" direction="in"/>
    <arg name="channel" type="u" direction="out"/>
    <arg name="selected" type="ay" direction="out"/>
  </method>
  <method name="Transmit">
    <arg name="channel" type="u" direction="in"/>
    <arg name="apdu" type="ay" direction="in"/>
    <arg name="answer" type="ay" direction="out"/>
  </method>
  <method name="CloseChannel">
    <arg name="channel" type="u" direction="in"/>
  </method>
</interface>`,
    properties: {},
    methods: {
      GetSlots: { in: "", out: ["aa{sv}"] },
      ActivateSlot: { in: "u", out: [] },
      GetPreferredNetworks: { in: "", out: ["as"] },
      GetForbiddenNetworks: { in: "", out: ["as"] },
      ClearForbiddenNetworks: { in: "", out: [] },
      OpenChannel: { in: "ay", out: ["u", "ay"] },
      Transmit: { in: "uay", out: ["ay"] },
      CloseChannel: { in: "u", out: [] },
    },
    signals: {},
  },
  "net.wwand.Daemon1": {
    xml: `<interface name="net.wwand.Daemon1">
  <method name="Why">
    <arg name="destination" type="s" direction="in"/>
    <arg name="reasons" type="as" direction="out"/>
  </method>
  <method name="WhyPacket">
    <arg name="packet" type="a{ss}" direction="in"/>
    <arg name="answer" type="a{sv}" direction="out"/>
  </method>
  <property name="Version" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="PolicyFiles" type="as" access="read"/>
  <property name="PolicyFolders" type="as" access="read"/>
  <property name="PolicyGeneration" type="s" access="read"/>
  <property name="PolicyError" type="s" access="read"/>
  <property name="Resolver" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="ResolverBecause" type="s" access="read"/>
  <property name="ResolverStub" type="s" access="read"/>
</interface>`,
    properties: {
      Version: { signature: "s", writable: false, signalled: false },
      PolicyFiles: { signature: "as", writable: false, signalled: true },
      PolicyFolders: { signature: "as", writable: false, signalled: true },
      PolicyGeneration: { signature: "s", writable: false, signalled: true },
      PolicyError: { signature: "s", writable: false, signalled: true },
      Resolver: { signature: "s", writable: false, signalled: false },
      ResolverBecause: { signature: "s", writable: false, signalled: true },
      ResolverStub: { signature: "s", writable: false, signalled: true },
    },
    methods: { Why: { in: "s", out: ["as"] }, WhyPacket: { in: "a{ss}", out: ["a{sv}"] } },
    signals: {},
  },
  "net.wwand.Device1": {
    xml: `<interface name="net.wwand.Device1">
  <property name="Bus" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Address" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Ids" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Manufacturer" type="s" access="read"/>
  <property name="Model" type="s" access="read"/>
  <property name="Certainty" type="s" access="read"/>
  <property name="Verdict" type="s" access="read"/>
  <property name="Summary" type="s" access="read"/>
  <property name="Protocol" type="s" access="read"/>
  <property name="Modem" type="s" access="read"/>
  <property name="Name" type="s" access="read"/>
  <property name="Imei" type="s" access="read"/>
  <property name="ModemManufacturer" type="s" access="read"/>
  <property name="ModemModel" type="s" access="read"/>
  <property name="Ports" type="aa{sv}" access="read"/>
  <property name="Findings" type="aa{sv}" access="read"/>
  <property name="Interfaces" type="aa{sv}" access="read"/>
  <method name="SwitchComposition">
    <arg name="composition" type="s" direction="in"/>
    <arg name="now" type="s" direction="out"/>
    <arg name="ids" type="s" direction="out"/>
    <arg name="name" type="s" direction="out"/>
    <arg name="back" type="s" direction="out"/>
    <arg name="summary" type="s" direction="out"/>
  </method>
  <property name="Composition" type="s" access="read"/>
  <property name="OtherCompositions" type="aa{sv}" access="read"/>
  <property name="CompositionRisk" type="s" access="read"/>
  <property name="CompositionSource" type="s" access="read"/>
</interface>`,
    properties: {
      Bus: { signature: "s", writable: false, signalled: false },
      Address: { signature: "s", writable: false, signalled: false },
      Ids: { signature: "s", writable: false, signalled: false },
      Manufacturer: { signature: "s", writable: false, signalled: true },
      Model: { signature: "s", writable: false, signalled: true },
      Certainty: { signature: "s", writable: false, signalled: true },
      Verdict: { signature: "s", writable: false, signalled: true },
      Summary: { signature: "s", writable: false, signalled: true },
      Protocol: { signature: "s", writable: false, signalled: true },
      Modem: { signature: "s", writable: false, signalled: true },
      Name: { signature: "s", writable: false, signalled: true },
      Imei: { signature: "s", writable: false, signalled: true },
      ModemManufacturer: { signature: "s", writable: false, signalled: true },
      ModemModel: { signature: "s", writable: false, signalled: true },
      Ports: { signature: "aa{sv}", writable: false, signalled: true },
      Findings: { signature: "aa{sv}", writable: false, signalled: true },
      Interfaces: { signature: "aa{sv}", writable: false, signalled: true },
      Composition: { signature: "s", writable: false, signalled: true },
      OtherCompositions: { signature: "aa{sv}", writable: false, signalled: true },
      CompositionRisk: { signature: "s", writable: false, signalled: true },
      CompositionSource: { signature: "s", writable: false, signalled: true },
    },
    methods: { SwitchComposition: { in: "s", out: ["s", "s", "s", "s", "s"] } },
    signals: {},
  },
  "net.wwand.Failover1": {
    xml: `<interface name="net.wwand.Failover1">
  <method name="Failback">
    <arg name="because" type="as" direction="out"/>
  </method>
  <signal name="Switched">
    <arg name="family" type="s"/>
    <arg name="from" type="s"/>
    <arg name="to" type="s"/>
    <arg name="because" type="as"/>
  </signal>
  <signal name="GroupSwitched">
    <arg name="group" type="s"/>
    <arg name="family" type="s"/>
    <arg name="from" type="s"/>
    <arg name="to" type="s"/>
    <arg name="because" type="as"/>
  </signal>
  <property name="Ipv4Uplink" type="s" access="read"/>
  <property name="Ipv6Uplink" type="s" access="read"/>
  <property name="Actuating" type="s" access="read"/>
  <property name="ActuatingBecause" type="as" access="read"/>
  <property name="Because" type="as" access="read"/>
  <property name="Groups" type="aa{sv}" access="read"/>
  <property name="WorstCaseDetectionMs" type="u" access="read"/>
  <property name="LastSwitch" type="a{sv}" access="read"/>
  <property name="LastSwitches" type="aa{sv}" access="read"/>
</interface>`,
    properties: {
      Ipv4Uplink: { signature: "s", writable: false, signalled: true },
      Ipv6Uplink: { signature: "s", writable: false, signalled: true },
      Actuating: { signature: "s", writable: false, signalled: true },
      ActuatingBecause: { signature: "as", writable: false, signalled: true },
      Because: { signature: "as", writable: false, signalled: true },
      Groups: { signature: "aa{sv}", writable: false, signalled: true },
      WorstCaseDetectionMs: { signature: "u", writable: false, signalled: true },
      LastSwitch: { signature: "a{sv}", writable: false, signalled: true },
      LastSwitches: { signature: "aa{sv}", writable: false, signalled: true },
    },
    methods: { Failback: { in: "", out: ["as"] } },
    signals: { Switched: "sssas", GroupSwitched: "ssssas" },
  },
  "net.wwand.Modem1": {
    xml: `<interface name="net.wwand.Modem1">
  <method name="GetStatistics">
    <arg name="statistics" type="a{st}" direction="out"/>
  </method>
  <method name="Reset"/>
  <method name="GetGnss">
    <arg name="state" type="s" direction="out"/>
  </method>
  <method name="SetGnss">
    <arg name="on" type="b" direction="in"/>
  </method>
  <method name="GetTemperatures">
    <arg name="temperatures" type="a(sd)" direction="out"/>
  </method>
  <property name="OfonoPath" type="o" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Driver" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Port" type="s" access="read"/>
  <property name="Imei" type="s" access="read"/>
  <property name="Level" type="s" access="read"/>
  <property name="Stage" type="s" access="read"/>
  <property name="Cause" type="s" access="read"/>
  <property name="Interface" type="s" access="read"/>
  <property name="AddressMethod" type="s" access="read"/>
  <property name="Apn" type="s" access="read"/>
  <property name="ApnSource" type="s" access="read"/>
  <property name="ApnPassedOver" type="as" access="read"/>
  <property name="ProtocolOptions" type="a(qss)" access="read"/>
  <property name="WhoHoldsRadioOff" type="as" access="read"/>
</interface>`,
    properties: {
      OfonoPath: { signature: "o", writable: false, signalled: false },
      Driver: { signature: "s", writable: false, signalled: false },
      Port: { signature: "s", writable: false, signalled: true },
      Imei: { signature: "s", writable: false, signalled: true },
      Level: { signature: "s", writable: false, signalled: true },
      Stage: { signature: "s", writable: false, signalled: true },
      Cause: { signature: "s", writable: false, signalled: true },
      Interface: { signature: "s", writable: false, signalled: true },
      AddressMethod: { signature: "s", writable: false, signalled: true },
      Apn: { signature: "s", writable: false, signalled: true },
      ApnSource: { signature: "s", writable: false, signalled: true },
      ApnPassedOver: { signature: "as", writable: false, signalled: true },
      ProtocolOptions: { signature: "a(qss)", writable: false, signalled: true },
      WhoHoldsRadioOff: { signature: "as", writable: false, signalled: true },
    },
    methods: {
      GetStatistics: { in: "", out: ["a{st}"] },
      Reset: { in: "", out: [] },
      GetGnss: { in: "", out: ["s"] },
      SetGnss: { in: "b", out: [] },
      GetTemperatures: { in: "", out: ["a(sd)"] },
    },
    signals: {},
  },
  "net.wwand.Radio1": {
    xml: `<interface name="net.wwand.Radio1">
  <method name="GetCells">
    <arg name="cells" type="aa{sv}" direction="out"/>
  </method>
  <method name="GetSelection">
    <arg name="supportedModes" type="as" direction="out"/>
    <arg name="supportedBands" type="a{sau}" direction="out"/>
    <arg name="preferredModes" type="as" direction="out"/>
    <arg name="preferredBands" type="a{sau}" direction="out"/>
  </method>
  <method name="PreferModes">
    <arg name="modes" type="as" direction="in"/>
  </method>
  <method name="PreferBands">
    <arg name="bands" type="a{sau}" direction="in"/>
  </method>
  <property name="Signal" type="aa{sv}" access="read"/>
  <property name="RejectCause" type="s" access="read"/>
</interface>`,
    properties: {
      Signal: { signature: "aa{sv}", writable: false, signalled: true },
      RejectCause: { signature: "s", writable: false, signalled: true },
    },
    methods: {
      GetCells: { in: "", out: ["aa{sv}"] },
      GetSelection: { in: "", out: ["as", "a{sau}", "as", "a{sau}"] },
      PreferModes: { in: "as", out: [] },
      PreferBands: { in: "a{sau}", out: [] },
    },
    signals: {},
  },
  "net.wwand.Trace1": {
    xml: `<interface name="net.wwand.Trace1">
  <method name="List">
    <arg name="kept" type="a(ssssu)" direction="out"/>
  </method>
  <method name="Read">
    <arg name="name" type="s" direction="in"/>
    <arg name="identities" type="b" direction="in"/>
    <arg name="bundle" type="ay" direction="out"/>
  </method>
</interface>`,
    properties: {},
    methods: { List: { in: "", out: ["a(ssssu)"] }, Read: { in: "sb", out: ["ay"] } },
    signals: {},
  },
  "net.wwand.Uplink1": {
    xml: `<interface name="net.wwand.Uplink1">
  <property name="Name" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Interface" type="s" access="read"/>
  <property name="Kind" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>
  </property>
  <property name="Presence" type="s" access="read"/>
  <property name="Verdict4" type="s" access="read"/>
  <property name="Verdict6" type="s" access="read"/>
  <property name="Eligibility" type="s" access="read"/>
  <property name="Tier" type="u" access="read"/>
  <property name="Addresses" type="as" access="read"/>
  <property name="Gateway4" type="s" access="read"/>
  <property name="Gateway6" type="s" access="read"/>
  <property name="DomainNameServers" type="as" access="read"/>
  <property name="Because" type="as" access="read"/>
  <property name="WorstCaseDetectionMs" type="u" access="read"/>
  <property name="Metered" type="b" access="read"/>
  <property name="VerdictAgeMs" type="t" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="false"/>
  </property>
  <property name="Targets" type="aa{sv}" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="false"/>
  </property>
  <property name="Usage" type="a{sv}" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="false"/>
  </property>
</interface>`,
    properties: {
      Name: { signature: "s", writable: false, signalled: false },
      Interface: { signature: "s", writable: false, signalled: true },
      Kind: { signature: "s", writable: false, signalled: false },
      Presence: { signature: "s", writable: false, signalled: true },
      Verdict4: { signature: "s", writable: false, signalled: true },
      Verdict6: { signature: "s", writable: false, signalled: true },
      Eligibility: { signature: "s", writable: false, signalled: true },
      Tier: { signature: "u", writable: false, signalled: true },
      Addresses: { signature: "as", writable: false, signalled: true },
      Gateway4: { signature: "s", writable: false, signalled: true },
      Gateway6: { signature: "s", writable: false, signalled: true },
      DomainNameServers: { signature: "as", writable: false, signalled: true },
      Because: { signature: "as", writable: false, signalled: true },
      WorstCaseDetectionMs: { signature: "u", writable: false, signalled: true },
      Metered: { signature: "b", writable: false, signalled: true },
      VerdictAgeMs: { signature: "t", writable: false, signalled: false },
      Targets: { signature: "aa{sv}", writable: false, signalled: false },
      Usage: { signature: "a{sv}", writable: false, signalled: false },
    },
    methods: {},
    signals: {},
  },
  "org.freedesktop.DBus.Introspectable": {
    xml: `<interface name="org.freedesktop.DBus.Introspectable">
  <method name="Introspect">
    <arg name="xml" type="s" direction="out"/>
  </method>
</interface>`,
    properties: {},
    methods: { Introspect: { in: "", out: ["s"] } },
    signals: {},
  },
  "org.freedesktop.DBus.ObjectManager": {
    xml: `<interface name="org.freedesktop.DBus.ObjectManager">
  <method name="GetManagedObjects">
    <arg name="objpath_interfaces_and_properties" type="a{oa{sa{sv}}}" direction="out"/>
  </method>
  <signal name="InterfacesAdded">
    <arg name="object_path" type="o"/>
    <arg name="interfaces_and_properties" type="a{sa{sv}}"/>
  </signal>
  <signal name="InterfacesRemoved">
    <arg name="object_path" type="o"/>
    <arg name="interfaces" type="as"/>
  </signal>
</interface>`,
    properties: {},
    methods: { GetManagedObjects: { in: "", out: ["a{oa{sa{sv}}}"] } },
    signals: { InterfacesAdded: "oa{sa{sv}}", InterfacesRemoved: "oas" },
  },
  "org.freedesktop.DBus.Properties": {
    xml: `<interface name="org.freedesktop.DBus.Properties">
  <method name="Get">
    <arg name="interface_name" type="s" direction="in"/>
    <arg name="property_name" type="s" direction="in"/>
    <arg name="value" type="v" direction="out"/>
  </method>
  <method name="GetAll">
    <arg name="interface_name" type="s" direction="in"/>
    <arg name="props" type="a{sv}" direction="out"/>
  </method>
  <method name="Set">
    <arg name="interface_name" type="s" direction="in"/>
    <arg name="property_name" type="s" direction="in"/>
    <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertiesChanged">
    <arg name="interface_name" type="s"/>
    <arg name="changed_properties" type="a{sv}"/>
    <arg name="invalidated_properties" type="as"/>
  </signal>
</interface>`,
    properties: {},
    methods: { Get: { in: "ss", out: ["v"] }, GetAll: { in: "s", out: ["a{sv}"] }, Set: { in: "ssv", out: [] } },
    signals: { PropertiesChanged: "sa{sv}as" },
  },
  "org.ofono.ConnectionContext": {
    xml: `<interface name="org.ofono.ConnectionContext">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <method name="SetProperty">
    <arg name="property" type="s" direction="in"/>
    <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <annotation name="net.wwand.Property.Name" value="s rw"/>
  <annotation name="net.wwand.Property.Active" value="b rw"/>
  <annotation name="net.wwand.Property.Type" value="s rw"/>
  <annotation name="net.wwand.Property.Protocol" value="s rw"/>
  <annotation name="net.wwand.Property.AccessPointName" value="s rw"/>
  <annotation name="net.wwand.Property.Username" value="s rw"/>
  <annotation name="net.wwand.Property.Password" value="s rw"/>
  <annotation name="net.wwand.Property.AuthenticationMethod" value="s rw"/>
  <annotation name="net.wwand.Property.MessageProxy" value="s rw"/>
  <annotation name="net.wwand.Property.MessageCenter" value="s rw"/>
  <annotation name="net.wwand.Property.Settings" value="a{sv} r"/>
  <annotation name="net.wwand.Property.IPv6.Settings" value="a{sv} r"/>
</interface>`,
    properties: {
      Name: { signature: "s", writable: true, signalled: true },
      Active: { signature: "b", writable: true, signalled: true },
      Type: { signature: "s", writable: true, signalled: true },
      Protocol: { signature: "s", writable: true, signalled: true },
      AccessPointName: { signature: "s", writable: true, signalled: true },
      Username: { signature: "s", writable: true, signalled: true },
      Password: { signature: "s", writable: true, signalled: true },
      AuthenticationMethod: { signature: "s", writable: true, signalled: true },
      MessageProxy: { signature: "s", writable: true, signalled: true },
      MessageCenter: { signature: "s", writable: true, signalled: true },
      Settings: { signature: "a{sv}", writable: false, signalled: true },
      "IPv6.Settings": { signature: "a{sv}", writable: false, signalled: true },
    },
    methods: { GetProperties: { in: "", out: ["a{sv}"] }, SetProperty: { in: "sv", out: [] } },
    signals: { PropertyChanged: "sv" },
  },
  "org.ofono.ConnectionManager": {
    xml: `<interface name="org.ofono.ConnectionManager">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <method name="SetProperty">
    <arg name="property" type="s" direction="in"/>
    <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <method name="AddContext">
    <arg name="type" type="s" direction="in"/>
    <arg name="path" type="o" direction="out"/>
  </method>
  <method name="RemoveContext">
    <arg name="path" type="o" direction="in"/>
  </method>
  <method name="DeactivateAll"/>
  <method name="ResetContexts"/>
  <method name="GetContexts">
    <arg name="contexts_with_properties" type="a(oa{sv})" direction="out"/>
  </method>
  <signal name="ContextAdded">
    <arg name="path" type="o"/>
    <arg name="properties" type="a{sv}"/>
  </signal>
  <signal name="ContextRemoved">
    <arg name="path" type="o"/>
  </signal>
  <annotation name="net.wwand.Property.Attached" value="b r"/>
  <annotation name="net.wwand.Property.Bearer" value="s r"/>
  <annotation name="net.wwand.Property.Suspended" value="b r"/>
  <annotation name="net.wwand.Property.RoamingAllowed" value="b rw"/>
  <annotation name="net.wwand.Property.Powered" value="b rw"/>
</interface>`,
    properties: {
      Attached: { signature: "b", writable: false, signalled: true },
      Bearer: { signature: "s", writable: false, signalled: true },
      Suspended: { signature: "b", writable: false, signalled: true },
      RoamingAllowed: { signature: "b", writable: true, signalled: true },
      Powered: { signature: "b", writable: true, signalled: true },
    },
    methods: {
      GetProperties: { in: "", out: ["a{sv}"] },
      SetProperty: { in: "sv", out: [] },
      AddContext: { in: "s", out: ["o"] },
      RemoveContext: { in: "o", out: [] },
      DeactivateAll: { in: "", out: [] },
      ResetContexts: { in: "", out: [] },
      GetContexts: { in: "", out: ["a(oa{sv})"] },
    },
    signals: { PropertyChanged: "sv", ContextAdded: "oa{sv}", ContextRemoved: "o" },
  },
  "org.ofono.Manager": {
    xml: `<interface name="org.ofono.Manager">
  <method name="GetModems">
    <arg name="modems" type="a(oa{sv})" direction="out"/>
  </method>
  <signal name="ModemAdded">
    <arg name="path" type="o"/>
    <arg name="properties" type="a{sv}"/>
  </signal>
  <signal name="ModemRemoved">
    <arg name="path" type="o"/>
  </signal>
</interface>`,
    properties: {},
    methods: { GetModems: { in: "", out: ["a(oa{sv})"] } },
    signals: { ModemAdded: "oa{sv}", ModemRemoved: "o" },
  },
  "org.ofono.Message": {
    xml: `<interface name="org.ofono.Message">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <method name="Cancel"/>
  <annotation name="net.wwand.Property.State" value="s r"/>
</interface>`,
    properties: { State: { signature: "s", writable: false, signalled: true } },
    methods: { GetProperties: { in: "", out: ["a{sv}"] }, Cancel: { in: "", out: [] } },
    signals: { PropertyChanged: "sv" },
  },
  "org.ofono.MessageManager": {
    xml: `<interface name="org.ofono.MessageManager">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <method name="SetProperty">
    <arg name="property" type="s" direction="in"/>
    <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <method name="GetMessages">
    <arg name="messages" type="a(oa{sv})" direction="out"/>
  </method>
  <method name="SendMessage">
    <arg name="to" type="s" direction="in"/>
    <arg name="text" type="s" direction="in"/>
    <arg name="path" type="o" direction="out"/>
  </method>
  <signal name="ImmediateMessage">
    <arg name="message" type="s"/>
    <arg name="info" type="a{sv}"/>
  </signal>
  <signal name="IncomingMessage">
    <arg name="message" type="s"/>
    <arg name="info" type="a{sv}"/>
  </signal>
  <signal name="MessageAdded">
    <arg name="path" type="o"/>
    <arg name="properties" type="a{sv}"/>
  </signal>
  <signal name="MessageRemoved">
    <arg name="path" type="o"/>
  </signal>
  <annotation name="net.wwand.Property.ServiceCenterAddress" value="s rw"/>
  <annotation name="net.wwand.Property.UseDeliveryReports" value="b rw"/>
  <annotation name="net.wwand.Property.Bearer" value="s rw"/>
  <annotation name="net.wwand.Property.Alphabet" value="s rw"/>
</interface>`,
    properties: {
      ServiceCenterAddress: { signature: "s", writable: true, signalled: true },
      UseDeliveryReports: { signature: "b", writable: true, signalled: true },
      Bearer: { signature: "s", writable: true, signalled: true },
      Alphabet: { signature: "s", writable: true, signalled: true },
    },
    methods: {
      GetProperties: { in: "", out: ["a{sv}"] },
      SetProperty: { in: "sv", out: [] },
      GetMessages: { in: "", out: ["a(oa{sv})"] },
      SendMessage: { in: "ss", out: ["o"] },
    },
    signals: {
      PropertyChanged: "sv",
      ImmediateMessage: "sa{sv}",
      IncomingMessage: "sa{sv}",
      MessageAdded: "oa{sv}",
      MessageRemoved: "o",
    },
  },
  "org.ofono.Modem": {
    xml: `<interface name="org.ofono.Modem">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <method name="SetProperty">
    <arg name="property" type="s" direction="in"/>
    <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <annotation name="net.wwand.Property.Online" value="b rw"/>
  <annotation name="net.wwand.Property.Powered" value="b rw"/>
  <annotation name="net.wwand.Property.Lockdown" value="b rw"/>
  <annotation name="net.wwand.Property.Emergency" value="b r"/>
  <annotation name="net.wwand.Property.Name" value="s r"/>
  <annotation name="net.wwand.Property.Manufacturer" value="s r"/>
  <annotation name="net.wwand.Property.Model" value="s r"/>
  <annotation name="net.wwand.Property.Revision" value="s r"/>
  <annotation name="net.wwand.Property.Serial" value="s r"/>
  <annotation name="net.wwand.Property.SoftwareVersionNumber" value="s r"/>
  <annotation name="net.wwand.Property.SystemPath" value="s r"/>
  <annotation name="net.wwand.Property.Interfaces" value="as r"/>
  <annotation name="net.wwand.Property.Features" value="as r"/>
  <annotation name="net.wwand.Property.Type" value="s r"/>
  <annotation name="net.wwand.Property.Capabilities" value="as r"/>
</interface>`,
    properties: {
      Online: { signature: "b", writable: true, signalled: true },
      Powered: { signature: "b", writable: true, signalled: true },
      Lockdown: { signature: "b", writable: true, signalled: true },
      Emergency: { signature: "b", writable: false, signalled: true },
      Name: { signature: "s", writable: false, signalled: true },
      Manufacturer: { signature: "s", writable: false, signalled: true },
      Model: { signature: "s", writable: false, signalled: true },
      Revision: { signature: "s", writable: false, signalled: true },
      Serial: { signature: "s", writable: false, signalled: true },
      SoftwareVersionNumber: { signature: "s", writable: false, signalled: true },
      SystemPath: { signature: "s", writable: false, signalled: true },
      Interfaces: { signature: "as", writable: false, signalled: true },
      Features: { signature: "as", writable: false, signalled: true },
      Type: { signature: "s", writable: false, signalled: true },
      Capabilities: { signature: "as", writable: false, signalled: true },
    },
    methods: { GetProperties: { in: "", out: ["a{sv}"] }, SetProperty: { in: "sv", out: [] } },
    signals: { PropertyChanged: "sv" },
  },
  "org.ofono.NetworkOperator": {
    xml: `<interface name="org.ofono.NetworkOperator">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <method name="Register"/>
  <annotation name="net.wwand.Property.Name" value="s r"/>
  <annotation name="net.wwand.Property.Status" value="s r"/>
  <annotation name="net.wwand.Property.MobileCountryCode" value="s r"/>
  <annotation name="net.wwand.Property.MobileNetworkCode" value="s r"/>
  <annotation name="net.wwand.Property.Technologies" value="as r"/>
  <annotation name="net.wwand.Property.AdditionalInformation" value="s r"/>
</interface>`,
    properties: {
      Name: { signature: "s", writable: false, signalled: true },
      Status: { signature: "s", writable: false, signalled: true },
      MobileCountryCode: { signature: "s", writable: false, signalled: true },
      MobileNetworkCode: { signature: "s", writable: false, signalled: true },
      Technologies: { signature: "as", writable: false, signalled: true },
      AdditionalInformation: { signature: "s", writable: false, signalled: true },
    },
    methods: { GetProperties: { in: "", out: ["a{sv}"] }, Register: { in: "", out: [] } },
    signals: { PropertyChanged: "sv" },
  },
  "org.ofono.NetworkRegistration": {
    xml: `<interface name="org.ofono.NetworkRegistration">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <method name="Register"/>
  <method name="GetOperators">
    <arg name="operators_with_properties" type="a(oa{sv})" direction="out"/>
  </method>
  <method name="Scan">
    <arg name="operators_with_properties" type="a(oa{sv})" direction="out"/>
  </method>
  <annotation name="net.wwand.Property.Status" value="s r"/>
  <annotation name="net.wwand.Property.Mode" value="s r"/>
  <annotation name="net.wwand.Property.LocationAreaCode" value="q r"/>
  <annotation name="net.wwand.Property.CellId" value="u r"/>
  <annotation name="net.wwand.Property.Technology" value="s r"/>
  <annotation name="net.wwand.Property.MobileCountryCode" value="s r"/>
  <annotation name="net.wwand.Property.MobileNetworkCode" value="s r"/>
  <annotation name="net.wwand.Property.Name" value="s r"/>
  <annotation name="net.wwand.Property.Strength" value="y r"/>
  <annotation name="net.wwand.Property.BaseStation" value="s r"/>
</interface>`,
    properties: {
      Status: { signature: "s", writable: false, signalled: true },
      Mode: { signature: "s", writable: false, signalled: true },
      LocationAreaCode: { signature: "q", writable: false, signalled: true },
      CellId: { signature: "u", writable: false, signalled: true },
      Technology: { signature: "s", writable: false, signalled: true },
      MobileCountryCode: { signature: "s", writable: false, signalled: true },
      MobileNetworkCode: { signature: "s", writable: false, signalled: true },
      Name: { signature: "s", writable: false, signalled: true },
      Strength: { signature: "y", writable: false, signalled: true },
      BaseStation: { signature: "s", writable: false, signalled: true },
    },
    methods: {
      GetProperties: { in: "", out: ["a{sv}"] },
      Register: { in: "", out: [] },
      GetOperators: { in: "", out: ["a(oa{sv})"] },
      Scan: { in: "", out: ["a(oa{sv})"] },
    },
    signals: { PropertyChanged: "sv" },
  },
  "org.ofono.SimManager": {
    xml: `<interface name="org.ofono.SimManager">
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <method name="SetProperty">
    <arg name="property" type="s" direction="in"/>
    <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <method name="EnterPin">
    <arg name="type" type="s" direction="in"/>
    <arg name="pin" type="s" direction="in"/>
  </method>
  <method name="ChangePin">
    <arg name="type" type="s" direction="in"/>
    <arg name="oldpin" type="s" direction="in"/>
    <arg name="newpin" type="s" direction="in"/>
  </method>
  <method name="ResetPin">
    <arg name="type" type="s" direction="in"/>
    <arg name="puk" type="s" direction="in"/>
    <arg name="newpin" type="s" direction="in"/>
  </method>
  <method name="LockPin">
    <arg name="type" type="s" direction="in"/>
    <arg name="pin" type="s" direction="in"/>
  </method>
  <method name="UnlockPin">
    <arg name="type" type="s" direction="in"/>
    <arg name="pin" type="s" direction="in"/>
  </method>
  <method name="GetIcon">
    <arg name="id" type="y" direction="in"/>
    <arg name="icon" type="ay" direction="out"/>
  </method>
  <method name="ClearForbiddenNetworkOperators"/>
  <annotation name="net.wwand.Property.Present" value="b r"/>
  <annotation name="net.wwand.Property.CardIdentifier" value="s r"/>
  <annotation name="net.wwand.Property.SubscriberIdentity" value="s r"/>
  <annotation name="net.wwand.Property.ServiceProviderName" value="s r"/>
  <annotation name="net.wwand.Property.ImsPrivateIdentity" value="s r"/>
  <annotation name="net.wwand.Property.MobileCountryCode" value="s r"/>
  <annotation name="net.wwand.Property.MobileNetworkCode" value="s r"/>
  <annotation name="net.wwand.Property.SubscriberNumbers" value="as rw"/>
  <annotation name="net.wwand.Property.LockedPins" value="as r"/>
  <annotation name="net.wwand.Property.PinRequired" value="s r"/>
  <annotation name="net.wwand.Property.Retries" value="a{sy} r"/>
  <annotation name="net.wwand.Property.PreferredLanguages" value="as r"/>
  <annotation name="net.wwand.Property.ServiceNumbers" value="a{ss} r"/>
  <annotation name="net.wwand.Property.FixedDialing" value="b r"/>
  <annotation name="net.wwand.Property.BarredDialing" value="b r"/>
  <annotation name="net.wwand.Property.CardSlotCount" value="u r"/>
  <annotation name="net.wwand.Property.ActiveCardSlot" value="u rw"/>
</interface>`,
    properties: {
      Present: { signature: "b", writable: false, signalled: true },
      CardIdentifier: { signature: "s", writable: false, signalled: true },
      SubscriberIdentity: { signature: "s", writable: false, signalled: true },
      ServiceProviderName: { signature: "s", writable: false, signalled: true },
      ImsPrivateIdentity: { signature: "s", writable: false, signalled: true },
      MobileCountryCode: { signature: "s", writable: false, signalled: true },
      MobileNetworkCode: { signature: "s", writable: false, signalled: true },
      SubscriberNumbers: { signature: "as", writable: true, signalled: true },
      LockedPins: { signature: "as", writable: false, signalled: true },
      PinRequired: { signature: "s", writable: false, signalled: true },
      Retries: { signature: "a{sy}", writable: false, signalled: true },
      PreferredLanguages: { signature: "as", writable: false, signalled: true },
      ServiceNumbers: { signature: "a{ss}", writable: false, signalled: true },
      FixedDialing: { signature: "b", writable: false, signalled: true },
      BarredDialing: { signature: "b", writable: false, signalled: true },
      CardSlotCount: { signature: "u", writable: false, signalled: true },
      ActiveCardSlot: { signature: "u", writable: true, signalled: true },
    },
    methods: {
      GetProperties: { in: "", out: ["a{sv}"] },
      SetProperty: { in: "sv", out: [] },
      EnterPin: { in: "ss", out: [] },
      ChangePin: { in: "sss", out: [] },
      ResetPin: { in: "sss", out: [] },
      LockPin: { in: "ss", out: [] },
      UnlockPin: { in: "ss", out: [] },
      GetIcon: { in: "y", out: ["ay"] },
      ClearForbiddenNetworkOperators: { in: "", out: [] },
    },
    signals: { PropertyChanged: "sv" },
  },
  "org.ofono.SupplementaryServices": {
    xml: `<interface name="org.ofono.SupplementaryServices">
  <method name="Initiate">
    <arg name="command" type="s" direction="in"/>
    <arg name="result_name" type="s" direction="out"/>
    <arg name="value" type="v" direction="out"/>
  </method>
  <method name="Respond">
    <arg name="reply" type="s" direction="in"/>
    <arg name="result" type="s" direction="out"/>
  </method>
  <method name="Cancel"/>
  <method name="GetProperties">
    <arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <signal name="NotificationReceived">
    <arg name="message" type="s"/>
  </signal>
  <signal name="RequestReceived">
    <arg name="message" type="s"/>
  </signal>
  <signal name="PropertyChanged">
    <arg name="name" type="s"/>
    <arg name="value" type="v"/>
  </signal>
  <annotation name="net.wwand.Property.State" value="s r"/>
</interface>`,
    properties: { State: { signature: "s", writable: false, signalled: true } },
    methods: {
      Initiate: { in: "s", out: ["s", "v"] },
      Respond: { in: "s", out: ["s"] },
      Cancel: { in: "", out: [] },
      GetProperties: { in: "", out: ["a{sv}"] },
    },
    signals: { NotificationReceived: "s", RequestReceived: "s", PropertyChanged: "sv" },
  },
} as const satisfies Record<keyof Contract, InterfaceDescription>;
