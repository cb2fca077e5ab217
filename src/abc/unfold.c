/*
 * Playing a tune out: repeats and endings, then bars in their places.
 *
 * A bar of the text that is too short is the end of a section together with the upbeat of the next where the two make one bar; else it is an
 * upbeat at the beginning, if a whole bar follows; elsewhere the rest of it is silent. So bar lines stand at multiples of a bar whatever is written, and what is
 * not like the others stays where it is.
 */
#include "abc/reader.h"
#include "base/diag.h"
#include "base/mem.h"

enum { MOST_BARS = 4096 };

/* A bar of the text: its events, and the bar lines on both sides. */
typedef struct measure {
    size_t first, end; /* Events. */
    es_abc_bar left, right;
    es_tick length;
} measure;

typedef struct measures {
    measure *list;
    size_t count, capacity;
} measures;

es_tick es_abc_ticks(es_abc_length length)
{
    return (ES_WHOLE * length.num + length.den / 2) / length.den;
}

static es_tick length_of(const es_abc_reader *r, size_t first, size_t end)
{
    es_tick sum = 0;

    for (size_t i = first; i < end; i++) {
        sum += es_abc_ticks(r->events[i].length);
    }
    return sum;
}

/* Bar lines with nothing between them are one. */
static void join(es_abc_bar *bar, const es_abc_bar *next)
{
    bar->ends_repeat |= next->ends_repeat;
    bar->begins_repeat |= next->begins_repeat;
    bar->is_double |= next->is_double;
    bar->endings |= next->endings;
}

static estro_status cut_measures(const es_abc_reader *r, measures *out)
{
    es_abc_bar left = {.is_double = true};
    size_t first = 0;

    for (size_t i = 0; i <= r->n_events; i++) {
        const bool is_end = i == r->n_events;
        if (!is_end && !r->events[i].is_bar) {
            continue;
        }
        const es_abc_bar bar = is_end ? (es_abc_bar){.is_double = true} : r->events[i].bar;
        if (i == first) {
            join(&left, &bar);
            if (out->count > 0) {
                join(&out->list[out->count - 1].right, &bar);
            }
        } else {
            if (!es_grow(&out->list, out->count, &out->capacity, sizeof *out->list)) {
                return es_fail_memory(r->diag);
            }
            out->list[out->count++] = (measure){.first = first,
                                                .end = i,
                                                .left = left,
                                                .right = bar,
                                                .length = length_of(r, first, i)};
            left = bar;
        }
        first = i + 1;
    }
    return ESTRO_OK;
}

/* ---- the order of playing ---- */

/* How often the section that begins with a measure is played: as often as its endings say, else twice. */
static int times_of(const measures *m, size_t from)
{
    int most = 2;

    for (size_t i = from; i < m->count; i++) {
        for (int n = 3; n < 10; n++) {
            most = m->list[i].left.endings >> n & 1 ? n : most;
        }
        if (i > from && m->list[i].left.begins_repeat) {
            break;
        }
    }
    return most;
}

/* The measure to go on with where an ending is not for this time. */
static size_t skip_ending(const measures *m, size_t at, int time)
{
    for (size_t i = at + 1; i < m->count; i++) {
        const es_abc_bar *left = &m->list[i].left;
        if (left->endings >> time & 1 ||
            (!left->endings && (left->ends_repeat || left->is_double))) {
            return i;
        }
    }
    return m->count;
}

static estro_status play(const es_abc_reader *r, const measures *m, size_t *order, size_t *count)
{
    size_t start = 0;
    int time = 1;

    *count = 0;
    for (size_t i = 0; i < m->count;) {
        const measure *now = &m->list[i];
        if (now->left.endings && !(now->left.endings >> time & 1)) {
            i = skip_ending(m, i, time);
            continue;
        }
        if (*count == MOST_BARS) {
            return es_fail(r->diag, ESTRO_ERR_SYNTAX, "played out, the tune has more than %d bars",
                           MOST_BARS);
        }
        order[(*count)++] = i;
        if (now->right.ends_repeat && time < times_of(m, start)) {
            time++;
            i = start;
            continue;
        }
        i++;
        if (now->right.ends_repeat || now->right.begins_repeat ||
            (now->right.is_double && !now->right.endings)) {
            start = i;
            time = 1;
        }
    }
    return ESTRO_OK;
}

/* ---- the notes ---- */

typedef struct played {
    const es_abc_reader *r;
    const measures *m;
    const size_t *order;
    size_t count;
    es_tick bar;
    bool is_tied; /* The note before goes on. */
    size_t capacity;
} played;

static estro_status add_notes(played *p, const measure *now, es_tick start)
{
    es_abc *out = p->r->out;

    for (size_t i = now->first; i < now->end; i++) {
        const es_abc_event *event = &p->r->events[i];
        const es_tick duration = es_abc_ticks(event->length);
        es_note *before = out->n_notes > 0 ? &out->notes[out->n_notes - 1] : NULL;
        if (event->key != ES_ABC_REST && duration > 0) {
            if (p->is_tied && before && before->key == event->key &&
                before->start + before->duration == start) {
                before->duration += duration;
            } else if (out->n_notes == ES_ABC_MOST_NOTES) {
                return es_fail(p->r->diag, ESTRO_ERR_SYNTAX, "a tune has at most %d notes",
                               ES_ABC_MOST_NOTES);
            } else if (!es_grow(&out->notes, out->n_notes, &p->capacity, sizeof *out->notes)) {
                return es_fail_memory(p->r->diag);
            } else {
                out->notes[out->n_notes++] =
                    (es_note){.start = start, .duration = duration, .key = (uint8_t)event->key};
            }
            p->is_tied = event->is_tied;
        }
        start += duration;
    }
    return ESTRO_OK;
}

static es_tick length_at(const played *p, size_t i)
{
    return i < p->count ? p->m->list[p->order[i]].length : 0;
}

/* Put the measures into bars, one after the other. */
static estro_status place(played *p)
{
    es_tick at = 0; /* A bar line. */

    for (size_t i = 0; i < p->count; i++) {
        const measure *now = &p->m->list[p->order[i]];
        const es_tick bars = now->length > 0 ? (now->length + p->bar - 1) / p->bar : 1;
        const es_tick next = length_at(p, i + 1);
        const bool is_short = now->length < p->bar;
        if (is_short && i == 0 && next >= p->bar) {
            ES_TRY(add_notes(p, now, p->bar - now->length));
        } else if (is_short && next > 0 && now->length + next == p->bar) {
            ES_TRY(add_notes(p, now, at));
            ES_TRY(add_notes(p, &p->m->list[p->order[++i]], at + now->length));
        } else {
            ES_TRY(add_notes(p, now, at));
        }
        at += bars * p->bar;
    }
    p->r->out->length = at;
    return ESTRO_OK;
}

estro_status es_abc_unfold(es_abc_reader *r)
{
    measures m = {0};
    played p = {.r = r, .m = &m, .bar = es_meter_bar(r->out->meter)};
    size_t *order = es_calloc(MOST_BARS, sizeof *order);

    estro_status status = order ? cut_measures(r, &m) : es_fail_memory(r->diag);
    if (status == ESTRO_OK) {
        status = play(r, &m, order, &p.count);
    }
    if (status == ESTRO_OK) {
        p.order = order;
        status = place(&p);
    }
    es_free(m.list);
    es_free(order);
    return status;
}
