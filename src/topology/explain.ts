/** What each diagnostic means and why it exists: `millrace describe E301`, and the documentation's table. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
}

export const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  E001: {
    title: 'Not valid YAML',
    text: 'The file cannot be parsed, so nothing else in it was checked. Indent with spaces, close every bracket and quote.',
  },
  E002: { title: 'File cannot be read', text: 'A topology or an --env-file is missing or not readable.' },
  E003: {
    title: 'Malformed line in an --env-file',
    text: 'Every line is KEY=VALUE, blank, or a comment. A line that silently is not read would show up much later as a missing credential.',
  },
  E101: {
    title: 'Unknown input',
    text: 'An input names a source, an operator, or a named output of an operator (`risk.denied`). This one does not exist.',
  },
  E102: {
    title: 'Unknown component type',
    text: 'The `type` is not a component of this section. `millrace list` shows all; a type of another section belongs under that section.',
  },
  E103: {
    title: 'Unknown field',
    text: 'Unknown keys are errors everywhere: a misspelt limit that is silently ignored is a limit that does not exist.',
  },
  E104: {
    title: 'Field missing',
    text: 'The component cannot work without this field, and no default would be safe.',
  },
  E105: {
    title: 'Wrong value',
    text: 'The value is not what the field takes. Durations, rates and money carry their unit: 500ms, 5/s, 500 USDT.',
  },
  E106: {
    title: 'Variable not set',
    text: 'A ${NAME} without default is not in the environment, or a ${secret:NAME} is neither in NAME nor in the file that NAME_FILE names.',
  },
  E107: {
    title: 'Name used twice',
    text: 'A name is at once wire, metric label, log field and tap address, so sources, operators and sinks share one namespace, also across files.',
  },
  E108: {
    title: 'Plugin cannot be used',
    text: 'A module under `plugins:` could not be loaded, or a component in it is malformed or takes a name that exists.',
  },
  E109: {
    title: 'Unknown broker',
    text: 'A source or sink uses a session that is not defined under `brokers:`.',
  },
  E110: {
    title: 'Strategy missing',
    text: 'The `use:` of a strategy is neither a built-in one nor a file that is there. Paths start at the folder of the first topology file.',
  },
  E111: {
    title: 'Not a valid name',
    text: 'Component names are lower-case letters, digits and _, starting with a letter, because they appear in metrics and file names.',
  },
  E112: {
    title: 'Wrong --set',
    text: '--set takes PATH=VALUE where PATH leads to an option of an existing component or a top-level key: --set operators.bars.every=5m.',
  },
  E113: {
    title: 'Strategy cannot be used',
    text: 'The module of a strategy does not load, exports something else, or refuses the parameters of the topology. `millrace plan` finds this; `lint` only looks at files.',
  },
  E201: {
    title: 'Wrong kind on an edge',
    text: 'The reader takes none of the kinds its input emits. Edges of orders are typed intent, approved, command, so that nothing reaches a broker around risk.',
  },
  E202: {
    title: 'Circle',
    text: 'The graph has no circles; the trading loop closes only through a broker, whose reports come back through an executions source on a later turn.',
  },
  E203: {
    title: 'Everything where it may not be',
    text: '"*" reads every event and record. Only sinks may, alone: an operator names its inputs, because their order is the order of delivery.',
  },
  E204: { title: 'Input twice', text: 'A node reads each output once.' },
  E301: {
    title: 'Orders around risk or throttle',
    text: 'Every way into an orders sink must pass a risk operator and then a throttle, whatever the components in between claim to emit.',
  },
  E302: {
    title: 'Orders on a lossy buffer',
    text: 'What carries orders may only halt when it is full. A dropped order or cancel leaves position and broker out of step.',
  },
  E303: {
    title: 'Required sink on a lossy buffer',
    text: 'A required sink promises to keep every record; a buffer that drops breaks the promise.',
  },
  E304: {
    title: 'Orders without reports',
    text: 'Orders are sent to a broker whose executions nobody reads, so fills would never reach positions and limits.',
  },
  E401: {
    title: 'Real broker in a simulated mode',
    text: 'mode: paper and mode: replay never send orders to a real session.',
  },
  E402: {
    title: 'Live journal without durability',
    text: 'Live trading writes every dispatch down before its bytes leave; `durability: none` would lose them with the process.',
  },
  E403: {
    title: 'Live without a required journal',
    text: 'Without a required journal, a crashed live session could not know what it had sent.',
  },
  E404: {
    title: 'Live feed in replay',
    text: 'mode: replay reads recorded data only, so that the same run gives the same result.',
  },
  W501: { title: 'Nothing reads it', text: 'What nobody reads does nothing but cost.' },
  W502: {
    title: 'No orders sink',
    text: 'Strategies run, but there is no way out for their orders. Fine for watching; otherwise add one.',
  },
  W503: { title: 'Unused broker', text: 'Every broker under `brokers:` is opened at start, used or not.' },
  W504: {
    title: 'Live on a simulated broker',
    text: 'mode: live asks for arming and real sessions; this sink only simulates.',
  },
  W505: {
    title: 'Risk without limits',
    text: 'Instrument rules are checked, but nothing bounds position, order value or loss.',
  },
};
