/*
 * Tunes: notes that a part plays whatever is drawn.
 */
#include "plan/tune.h"

bool es_tune_same(const es_tune *a, const es_tune *b, es_tick from, es_tick to)
{
    size_t i = 0, k = 0;

    if (a == b || !a || !b) {
        return a == b;
    }
    const bool same_span = (a->start <= from) == (b->start <= from) &&
                           (a->end >= to) == (b->end >= to) && a->part == b->part;
    while (i < a->n_notes && a->notes[i].start < from) {
        i++;
    }
    while (k < b->n_notes && b->notes[k].start < from) {
        k++;
    }
    while (i < a->n_notes && k < b->n_notes && a->notes[i].start < to &&
           a->notes[i].start == b->notes[k].start && a->notes[i].key == b->notes[k].key) {
        i++;
        k++;
    }
    return same_span && (i == a->n_notes || a->notes[i].start >= to) &&
           (k == b->n_notes || b->notes[k].start >= to);
}
