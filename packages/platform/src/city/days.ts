// Which days' runs stand in the database.

/** Yesterday's night runs are still under way; tomorrow's are ready when the roll is late. */
export const DAYS_BEHIND = 1;
export const DAYS_AHEAD = 2;
