/**
 * What is asked of a bridge between systems. The ids are those at the beginning of titles, as in `CDC-6: …`; the page CAPABILITIES.md of the bridge holds this table against the tests. It is data, and as long as what is
 * asked: a line is added here and by a test, or here with the reason why there is none and what to use instead.
 */
export interface Capability {
  id: string
  capability: string
  /** Why it is not there, and what to use instead. */
  instead?: string
  /** What of it is not there, though the tests pass: they show the rest. */
  missing?: string
  /** Why no test shows it yet. Without meaning once one does. */
  untested?: string
}

export const capabilityGroups: Readonly<Record<string, string>> = {
  CDC: 'Finding what changed',
  EVT: 'Events and queues',
  MAP: 'Mapping',
  DIF: 'Sending only differences',
  CON: 'Conflicts',
  API: 'Calling systems',
  RES: 'Errors and resilience',
  REC: 'Comparing, quality, master data',
  GOV: 'Governance and protection of data',
  TIE: 'Tiers and modes',
}

export const capabilities: readonly Capability[] = [
  { id: 'CDC-1', capability: 'changes from the log of a database, from a position that outlives restarts' },
  { id: 'CDC-2', capability: 'polling by time of change, without losing ties or late commits' },
  { id: 'CDC-3', capability: 'versions of rows are kept; a gap in what is told is noticed' },
  { id: 'CDC-4', capability: 'webhooks, and event streams with a position to go on from' },
  { id: 'CDC-5', capability: 'pushes that triggers in the system send or queue' },
  { id: 'CDC-6', capability: 'push and poll together: with every push lost, the poll finds all' },
  { id: 'CDC-7', capability: 'the ways of finding changes follow from what a system can' },
  { id: 'CDC-8', capability: 'inserts, updates and deletes, both ways' },
  { id: 'CDC-9', capability: 'changes found by digest, where versions cannot be trusted' },
  { id: 'CDC-10', capability: 'cost follows what changed, not what is there' },
  { id: 'CDC-11', capability: 'a first import that resumes, beside live changes' },
  { id: 'CDC-12', capability: 'the load on a system has a ceiling' },
  { id: 'CDC-13', capability: 'for each field and system it is known what is in step and what waits' },
  { id: 'CDC-14', capability: 'a write has the fields that changed, and no others' },

  {
    id: 'EVT-1',
    capability:
      'no event is lost, whenever a process dies: the log of the replica is the durable backbone, without a broker beside it',
  },
  {
    id: 'EVT-2',
    capability: 'what failed can be played again; what the bridge forgot is known from the log',
  },
  { id: 'EVT-3', capability: 'delivery at least once, effects once' },
  { id: 'EVT-4', capability: 'dead letters, listed with the reason and tried again' },
  {
    id: 'EVT-5',
    capability: 'order for each record, everything else in parallel; several systems follow one log',
  },
  { id: 'EVT-6', capability: 'a durable queue with retries, for bad lines' },
  {
    id: 'EVT-7',
    capability: 'events that mean something to the business, told at once',
    missing:
      'of records only fields are told: who wants a named event (order created) makes it of them, with a follower or a live query, as threshold rules do of telemetry',
  },
  {
    id: 'EVT-8',
    capability:
      'events routed and filtered by content; state kept as a log and read as views; values made on the way',
  },
  { id: 'EVT-9', capability: 'where a record goes is decided by its content; formats are translated' },
  {
    id: 'EVT-10',
    capability:
      'waiting for a system, or not: an app may await its answer, or go on and read it in the receipt',
  },
  { id: 'EVT-11', capability: 'small updates that do no harm when they come again' },
  { id: 'EVT-12', capability: 'what may not stand is put back; what cannot be done whole is not begun' },
  { id: 'EVT-13', capability: 'webhooks bring a change at once' },

  { id: 'MAP-1', capability: 'mappings are declared; functions or expressions where that is not enough' },
  { id: 'MAP-2', capability: 'one record in the middle for systems of different words' },
  { id: 'MAP-3', capability: 'rules for types, formats, names and structure' },
  { id: 'MAP-4', capability: 'references between records, and which row is which record' },
  { id: 'MAP-5', capability: 'values and mappings are checked, and what is wrong is said with its place' },
  {
    id: 'MAP-6',
    capability: 'data that carries its schema and rules',
    missing:
      'the form of a mapping, and the fields of a system, are told; meanings are not: a catalogue that knows that two names mean the same thing is a catalogue’s work',
  },
  {
    id: 'MAP-7',
    capability: 'what is wanted is declared (owner, rule, tier, mode), and not how it is reached',
  },
  { id: 'MAP-8', capability: 'the lineage of each value: which edit or row, mapping, call and answer' },
  {
    id: 'MAP-9',
    capability: 'ready connectors, set up without code',
    missing:
      'there is no drawing board: a mapping is a file, which an editor completes and checks by its schema',
  },

  { id: 'DIF-1', capability: 'only fields that were modified are sent' },
  { id: 'DIF-2', capability: 'edits that wait become one; what came to nothing is none' },
  { id: 'DIF-3', capability: 'payloads are compressed where it pays' },
  { id: 'DIF-4', capability: 'fields that matter more go first' },
  {
    id: 'DIF-5',
    capability: 'deltas that suit the line: credit by what it takes, edits beside megabytes',
    missing: 'telemetry and edits of one direction have no priorities: they go in the order of the log',
  },
  { id: 'DIF-6', capability: 'what is known is not asked for again' },

  { id: 'CON-1', capability: 'the last writer wins, by time' },
  { id: 'CON-2', capability: 'and field by field, with clocks that are bounded' },
  { id: 'CON-3', capability: 'systems of record, ranked for each field' },
  { id: 'CON-4', capability: 'one source before another' },
  { id: 'CON-5', capability: 'rules of the business, by name or as a function' },
  { id: 'CON-6', capability: 'a three-way merge of what goes together' },
  { id: 'CON-7', capability: 'versions are compared before they are written over' },
  {
    id: 'CON-8',
    capability: 'consensus among nodes (Paxos, Raft)',
    instead:
      'nothing here needs a majority: records merge alike on every node (CON-10), and who may write to a system is lent by one hub, with an epoch that only grows (RES-7). What must be unique while devices are offline cannot be promised by either: let the system of record give numbers',
  },
  { id: 'CON-9', capability: 'a person decides, with both values, who and when in sight' },
  { id: 'CON-10', capability: 'every node decides alike' },
  { id: 'CON-11', capability: 'conflicts counted by field, rule and outcome' },
  {
    id: 'CON-12',
    capability: 'records that many contend for are slowed down and told',
    missing:
      'nothing is locked in a system: a lock that a dead process leaves behind would stop the people who work there',
  },
  { id: 'CON-13', capability: 'conflicts are seen, and resolved, on any device' },
  {
    id: 'CON-14',
    capability: 'databases with several masters, locks and tunable consistency instead of a bridge',
    instead:
      'that is another way to build: it wants one owner for all systems and a line that holds. Where you have both, replicate the database, and bridge it as one system with the PostgreSQL or MySQL adapter',
  },

  { id: 'API-1', capability: 'limits of their own for each kind of call and each system' },
  { id: 'API-2', capability: 'calls at once follow how the system answers' },
  { id: 'API-3', capability: 'what is left of a day is spread over what is left of it' },
  { id: 'API-4', capability: 'several credentials, used evenly' },
  {
    id: 'API-5',
    capability: 'one by one, in batches or by jobs, by what is cheapest',
    missing:
      'there is no SOAP adapter: use the REST or OData side of such a system, or write one (docs/writing-an-adapter.md)',
  },
  {
    id: 'API-6',
    capability: 'batch sizes follow the answers; alike writes go together; what matters most goes first',
  },
  { id: 'API-7', capability: 'calls for different records at once, within bounds' },
  { id: 'API-8', capability: 'the limits, transactions and answers of each system as it has them' },
  {
    id: 'API-9',
    capability:
      'no more rights at the system than asked for; what one type is refused is refused for it alone',
  },

  { id: 'RES-1', capability: 'retries with growing waits' },
  { id: 'RES-2', capability: 'a breaker leaves a system alone that does not answer' },
  { id: 'RES-3', capability: 'what matters most goes on when not all can' },
  {
    id: 'RES-4',
    capability: 'errors in detail, alarms, and their end',
    missing: 'nobody is called: events and metrics are given to whatever pages your people',
  },
  { id: 'RES-5', capability: 'what can be mended by itself is; the rest is listed for a person' },
  {
    id: 'RES-6',
    capability: 'each failure has a way out, which is tested',
    missing: 'no time is promised for each tier: what was measured stands in test/bench/RESULTS.md',
  },
  { id: 'RES-7', capability: 'a second node takes over within seconds' },

  { id: 'REC-1', capability: 'systems are compared regularly, and drift is repaired' },
  { id: 'REC-2', capability: 'a check without repair, whose drift is counted by field' },
  {
    id: 'REC-3',
    capability: 'golden records: matching, merging, and which value survives',
    missing: 'hierarchies are references like any other: there are no rules of their own for them',
  },
  { id: 'REC-4', capability: 'people decide pairs in doubt and held changes' },
  {
    id: 'REC-5',
    capability: 'duplicates found by exact, normalised and scored rules',
    missing: 'values are not profiled: point a profiler at the system, or at a copy of the views',
  },
  { id: 'REC-6', capability: 'history of every record, by field and author' },

  {
    id: 'GOV-1',
    capability:
      'a contract about the data: held against the system before a start, and what does not fit it is set aside',
  },
  { id: 'GOV-2', capability: 'a schema that changes pauses what it touches, and nothing else' },
  { id: 'GOV-3', capability: 'who owns a field is declared, and enforced' },
  { id: 'GOV-4', capability: 'an audit trail of all that a bridge does, whose changes and gaps are found' },
  {
    id: 'GOV-5',
    capability: 'encryption on the way, both sides known to each other, secrets kept out of logs',
    missing:
      'stores are not encrypted: use an encrypted disk. A right is for a channel or a field, and not for a row of a system',
  },
  {
    id: 'GOV-6',
    capability:
      'a system is sent no more than its mapping names; fields that are bridged never, or as a hash',
  },
  {
    id: 'GOV-7',
    capability: 'what belongs to a region stays with the systems and nodes of that region',
    missing: 'no law is known here: a region is a field that filters and channels go by',
  },
  {
    id: 'GOV-8',
    capability: 'nothing is sent without consent, and nothing new after it was withdrawn',
    missing: 'what was sent before stays there until the record is deleted',
  },
  {
    id: 'GOV-9',
    capability:
      'what laws ask of a bridge: a correction reaches every system, and what was deleted can be erased',
    missing:
      'certificates (SOC 2, HIPAA) are for an organisation, and not for a library: GOV-4 to GOV-6 are what it can show for itself',
  },

  { id: 'TIE-1', capability: 'one way, both ways, or only some' },
  { id: 'TIE-2', capability: 'at once, after a quiet period, by schedule, on demand' },
  { id: 'TIE-3', capability: 'tiers: critical, operational, analytical, and reference upon approval' },
  { id: 'TIE-4', capability: 'capacity kept for what is critical, and a share for each tier' },
  {
    id: 'TIE-5',
    capability: 'it tunes itself to the load',
    missing:
      'no load is forecast and nothing is scaled before it comes: sizes follow answers, paces follow what is left of a day',
  },
  { id: 'TIE-6', capability: 'telemetry has a way of its own: compressed segments, each reading once' },
]
