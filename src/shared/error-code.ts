/**
 * The one catalogue of error codes. A code never changes its meaning and is never reused.
 * The first word says the noun it is about, so that a client can branch on a prefix.
 */
export const ERROR_CODES = {
  // about the request
  BAD_USER_INPUT: 'An argument has the wrong form; the message names the value and the rule.',
  INVALID_CURSOR: 'A pagination cursor was not issued by this connection.',
  PAGE_SIZE_INVALID: 'first and last take 1 to 100, and only one of them.',
  NOT_FOUND: 'No such object in the organization of the caller.',
  UNAUTHENTICATED: 'No key or token was given, or it is unknown, expired or revoked.',
  FORBIDDEN: 'The key or the role of the member does not hold the permission that the operation needs.',
  ORIGIN_NOT_ALLOWED: 'The client key does not list the origin of the page.',
  RATE_LIMITED: 'The client key has used up its rate for this address; Retry-After says when to come back.',
  INTROSPECTION_DISABLED: 'The key may not read the schema.',
  DOCUMENT_TOO_COMPLEX: 'The operation is beyond a limit on depth, aliases, directives, cost or tokens.',
  SERVER_STOPPING: 'The server is shutting down; send the request again.',
  SERVER_BUSY: 'The server has more work waiting than it takes; send the request again later.',
  INTERNAL_SERVER_ERROR: 'A fault of the server; the log of the server has the details.',
  SUBSCRIPTION_TRANSPORT: 'A subscription runs over a WebSocket or as Server-Sent Events, not by a single answer.',
  SUBSCRIPTION_LIMIT: 'The connection holds as many operations as it may.',
  KEY_REVOKED: 'The key or token that opened the subscription was revoked or has expired.',
  // about concurrent change
  VERSION_CONFLICT: 'Somebody else changed the object since expectedVersion was read.',
  KEY_TAKEN: 'The key is in use, or was used by a deleted object.',
  KEY_INVALID: 'A key takes 1 to 64 characters of A-Z a-z 0-9 . _ -.',
  // about experiments
  EXPERIMENT_NOT_FOUND: 'No experiment has this key.',
  EXPERIMENT_DELETED: 'The experiment was deleted.',
  INVALID_TRANSITION: 'The status of the experiment or rollout does not allow this step.',
  TOO_FEW_VARIANTS: 'An experiment needs at least two variants.',
  CONTROL_COUNT: 'An experiment needs exactly one control.',
  WEIGHTS_SUM: 'The weights of the variants must sum to 10,000 basis points.',
  NO_PRIMARY_METRIC: 'An experiment needs at least one primary metric.',
  ONLY_IN_DRAFT:
    'Variants, metrics and analysis of an experiment, and the plan of a rollout, change only while it is a draft.',
  EXPERIMENT_ENDED: 'A completed or cancelled experiment does not change.',
  EXPERIMENT_RUNNING: 'A running or paused experiment is not deleted.',
  WINNER_NOT_A_VARIANT: 'The winner must be a variant of the experiment.',
  VARIANT_NOT_FOUND: 'The experiment has no variant with this key.',
  VARIANT_KEY_TAKEN: 'Two variants of an experiment have the same key.',
  TOO_MANY_VARIANTS: 'An experiment takes 100 variants at the most.',
  TOO_MANY_METRICS: 'An experiment takes 100 metrics at the most.',
  TOO_MANY_OVERRIDES: 'An experiment takes 1,000 overrides at the most.',
  OVERRIDE_NOT_FOUND: 'The experiment has no override for this unit.',
  STARTED_AT_INVALID: 'An experiment starts now or, when it is imported, in the past.',
  TIME_ZONE_INVALID: 'The time zone is not one of the IANA database.',
  CONFIG_INVALID: "The config of a variant does not satisfy the experiment's JSON Schema.",
  CONFIG_SCHEMA_INVALID: 'The JSON Schema for configs is not a valid schema.',
  TARGETING_INVALID: 'The targeting condition is not valid.',
  METRIC_REPEATED: 'A metric stands twice in the experiment.',
  LOCAL_EVALUATION_RULE:
    'An experiment evaluated locally is HASH, has no overrides, keeps its weights and only raises traffic.',
  ANALYSIS_INVALID: 'The parts of the analysis plan do not fit together.',
  NOT_PLANNABLE: 'Nothing can be planned from these values.',
  // about metrics
  METRIC_NOT_FOUND: 'No metric has this key.',
  METRIC_ARCHIVED: 'The metric is archived.',
  METRIC_DEFINITION_INVALID: 'The parts of the metric definition do not fit its kind.',
  METRIC_IN_USE: 'The metric is used by an experiment or a rollout; archive it instead.',
  // about rollouts
  ROLLOUT_NOT_FOUND: 'No rollout has this key.',
  ROLLOUT_DELETED: 'The rollout was deleted.',
  ROLLOUT_RUNNING: 'A running or paused rollout is not deleted.',
  VERSION_NOT_FOUND: 'No started rollout delivers a version with this label.',
  STAGES_INVALID: 'The shares of the stages must rise and end with 10,000 basis points.',
  STARTS_AT_INVALID: 'A rollout starts by itself in the future only.',
  HEALTH_CHECK_INVALID: 'The parts of a health check do not fit its signal.',
  SAMPLE_INVALID: 'The numbers of a health sample contradict each other.',
  SAMPLE_OUTSIDE_STAGES:
    'The sample was taken before the start, after the end, or across a change of the share of the rollout.',
  NO_WINNER: 'The experiment is not completed, or has no winner beside its control.',
  // about rebuilding
  LOG_PURGED: 'The log of events no longer reaches back to the start of the experiment.',
  // about people and keys
  MEMBER_NOT_FOUND: 'No member has this id.',
  EMAIL_TAKEN: 'A member with this address exists.',
  LAST_OWNER: 'An organization keeps at least one owner.',
  ROLE_TOO_HIGH: 'Nobody grants a role or a key above their own.',
  KEY_NOT_FOUND: 'No key or token has this id.',
  // about decisions
  DECISION_NOT_FOUND: 'No decision has this id.',
  // about what clients send
  UNKNOWN_EXPERIMENT: 'No experiment has this key.',
  UNKNOWN_VARIANT: 'The experiment has no variant with this key.',
  EXPERIMENT_NOT_STARTED: 'The exposure is before the start of the experiment, or it never started.',
  EXPERIMENT_HAS_ENDED: 'The exposure is after the end of the experiment.',
  UNIT_OVERRIDDEN: 'The unit is forced into a variant and is never analysed.',
  UNIT_ID_INVALID: 'A unit id is empty or too long.',
  UNIT_TYPE_INVALID: 'A unit type is empty or too long.',
  IMPOSSIBLE_VARIANT: 'The experiment could not have given this variant to the unit.',
  IDEMPOTENCY_KEY_INVALID: 'An idempotency key is empty or too long.',
  EVENT_NAME_INVALID: 'An event name is empty or too long.',
  VALUE_OUT_OF_RANGE: 'A value is not finite or beyond ±1e12.',
  TIME_IN_FUTURE: 'A time lies too far in the future.',
  TIME_PAST_RETENTION: 'A time lies before the retention of events.',
  PROPERTIES_INVALID: 'Properties or context are too large or too deep.',
  TEXT_INVALID: 'A text holds a character that PostgreSQL refuses (U+0000 or a lone surrogate).',
  BATCH_TOO_LARGE: 'A batch takes 5,000 items at the most.',
  ITEM_FAILED: 'The item could not be stored.',
} as const

export type ErrorCode = keyof typeof ERROR_CODES
