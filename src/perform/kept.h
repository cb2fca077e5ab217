/**
 * @file kept.h
 * Notes as they were played once, to be played so again whatever is made of the rest.
 */
#ifndef ES_PERFORM_KEPT_H
#define ES_PERFORM_KEPT_H

#include "perform/perform.h"

/** Zero-initialise; es_kept_done. */
typedef struct es_kept {
    es_played *played; /**< Owned; by bar. `note` is the index of the bar. */
    size_t count, capacity;
} es_kept;

void es_kept_done(es_kept *kept);

/** Add a note; bars ascend. @return False when there is no memory. */
bool es_kept_add(es_kept *kept, const es_played *played, uint32_t bar);

/** Notes kept of a bar. @param first  Index of the first. */
size_t es_kept_of(const es_kept *kept, uint32_t bar, size_t *first);

/**
 * Leave out of a bar the notes that were given: those that are kept stand for them.
 *
 * @param notes  [bar->n_notes], overwritten; the bar has them then.
 */
void es_kept_leave(es_bar *bar, es_note *notes);

/**
 * Put in what is kept of a bar. Where it sounds the same key of a channel as a new note, the new one makes room.
 *
 * @param played  [count + es_kept_of], new notes; sorted by start on return. @return How many it has now.
 */
size_t es_kept_put(const es_kept *kept, uint32_t bar, es_played *played, size_t count);

#endif
