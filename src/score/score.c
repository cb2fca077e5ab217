/*
 * Order of notes in a score. The comparison is total on all that a note is, so sorting has one result.
 */
#include "score/score.h"

#include <stdlib.h>

static int sign(es_tick difference)
{
    return (difference > 0) - (difference < 0);
}

static int compare(const void *left, const void *right)
{
    const es_note *a = left, *b = right;
    const es_tick differences[] = {a->start - b->start,       a->part - b->part,
                                   a->line - b->line,         a->key - b->key,
                                   a->duration - b->duration, a->accent - b->accent};

    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        if (differences[i] != 0) {
            return sign(differences[i]);
        }
    }
    return 0;
}

void es_notes_sort(es_note *notes, size_t count)
{
    if (count > 1) {
        qsort(notes, count, sizeof *notes, compare);
    }
}
