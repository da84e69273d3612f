// Every bound of the registrar that is not a setting, each with its reason. Settings with defaults stand in config.ts.

/** K_tag[d] leaves with the roll of d+2: rides are sealed for yesterday at the earliest. */
export const TAG_KEY_DAYS = 2;
/** K_adm[d] leaves with the roll of d+8: a queued ride may arrive seven days late. */
export const ADMISSION_KEY_DAYS = 8;
/** A wallet covers yesterday..+7; further days may be pushed ahead of time. */
export const WALLET_DAYS_BACK = 1;
export const WALLET_DAYS_AHEAD = 7;
/** Keys for days beyond this are a mistake of the sender's clock. */
export const MAX_KEY_DAYS_AHEAD = 14;
/** The daily roll, local time: 03:00, when hardly anybody rides. */
export const ROLL_AFTER_MIDNIGHT_MS = 3 * 3_600_000;

/** Ticket keys change every 30 days and two live: a ticket serves 30 to 60 days without a visit. */
export const TICKET_EPOCH_DAYS = 30;
export const TICKET_EPOCHS_LIVING = 2;
/** The cookie lives as long as the longest ticket. */
export const TICKET_COOKIE_S = TICKET_EPOCH_DAYS * TICKET_EPOCHS_LIVING * 86_400;
/** walletNo 0..7 (see protocol): two devices of one phone rarely share one. */
export const WALLET_NUMBERS = 8;
/** The longest life of an assist token the platform may write. */
export const MAX_ASSIST_TOKEN_MS = 12 * 3_600_000;

/** Forms are short; the longest is a wallet request with a ticket. */
export const PUBLIC_BODY_BYTES = 4 * 1024;
/** A daily list of a million bytes as base64url, or 2,000 notices of 8 KB, with room. */
export const INTERNAL_BODY_BYTES = 24 * 1024 * 1024;

/** Messages waiting for the gateway; beyond, the breaker opens. A gateway at 50/s clears them within a code's life. */
export const MAX_WAITING_MESSAGES = 20_000;
/** One further attempt after a refusal that certainly sent nothing. */
export const MESSAGE_RETRY_MS = 2_000;

/** Keys of one rate table; far above what the global budget lets in, it only bounds memory. */
export const MAX_RATE_KEYS = 200_000;
/** A salt for the proof of work counts for this long. */
export const WORK_SALT_MS = 5 * 60_000;
/** Used salts remembered; the oldest leave first, their time being over by then. */
export const MAX_USED_SALTS = 100_000;

/** One batch to the platform (contract: RelayBatch). */
export const RELAY_BATCH = 5_000;
/** Batches of one run; a longer backlog waits for the next run. */
export const RELAY_BATCHES_A_RUN = 200;
/** Blobs kept at most; beyond, phones are told to come again. 300 B each. */
export const MAX_RELAY_BLOBS = 5_000_000;
/** The platform refuses what is older than K_adm: undelivered blobs leave then. */
export const RELAY_LIFE_MS = 9 * 86_400_000;

/** When what could not be delivered to the platform is tried again. */
export const DELIVERY_RETRY_MS = 5_000;
export const RELAY_RETRY_MS = 300_000;
/** How often retirement looks at the clock: a key leaves at most this long after its roll. */
export const RETIRE_KEYS_EVERY_MS = 600_000;
/** Rows go by their own expiry in every query; deleting them may wait this long. */
export const RETIRE_ROWS_EVERY_MS = 3_600_000;
/** The platform's assist key is asked for again after this, or when a signature does not fit (at most every minute). */
export const IDENTITY_EVERY_MS = 10 * 60_000;
export const IDENTITY_AT_MOST_EVERY_MS = 60_000;

/** Receipts in one answer to the vault. */
export const RECEIPTS_PAGE = 5_000;
/** Log entries in one answer. */
export const LOG_PAGE = 1_000;
/** The longest log entry mirrored: entries are short lines. */
export const MAX_LOG_ENTRY_CHARS = 8_192;
/** Entries of one checkpoint that arrive in several pushes; a longer backlog comes with checkpoints in between. */
export const MAX_WAITING_ENTRIES = 20_000;
/** All page files together are loaded into memory at start; they are far smaller. */
export const MAX_PAGE_BYTES = 32 * 1024 * 1024;
