/*
 * Order of notes in a score. The comparison is total on all that a note is, so sorting has one result. It is done in place, by
 * shrinking gaps: notes come as a few rows in order, and qsort would move them byte by byte.
 */
#include "score/score.h"

static bool is_before(const es_note *a, const es_note *b)
{
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
    size_t gap = 1;

    while (gap < count / 9) {
        gap = 3 * gap + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (size_t i = gap; i < count; i++) {
            const es_note note = notes[i];
            size_t j = i;
            while (j >= gap && is_before(&note, &notes[j - gap])) {
                notes[j] = notes[j - gap];
                j -= gap;
            }
            notes[j] = note;
        }
    }
}
