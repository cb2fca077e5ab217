/*
 * Order of notes in a score. The comparison is total on all that a note is, so sorting has one result.
 */
#include "score/score.h"

#include "base/sorted.h"

_Static_assert(sizeof(es_note) <= ES_SORTED_BYTES, "notes are sorted in place");

static bool is_before(const void *one, const void *other)
{
    const es_note *a = one, *b = other;

    if (a->start != b->start) {
        return a->start < b->start;
    }
    if (a->part != b->part) {
        return a->part < b->part;
    }
    if (a->line != b->line) {
        return a->line < b->line;
    }
    if (a->key != b->key) {
        return a->key < b->key;
    }
    if (a->duration != b->duration) {
        return a->duration < b->duration;
    }
    return a->accent != b->accent ? a->accent < b->accent : a->marks < b->marks;
}

void es_notes_sort(es_note *notes, size_t count)
{
    es_sort(notes, count, sizeof *notes, is_before);
}
