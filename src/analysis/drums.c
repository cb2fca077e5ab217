/*
 * Reading a drummer. First the drummer's lead is found (the mean place of hits near beats), then the division of each quarter by
 * dynamic programming over quarters: hits are taken for normally distributed around the places of a division, all of which
 * are as likely; a change of division and rare divisions have a price. Then hits are put into bars.
 *
 * Only + - * / on numbers: the same grid on any machine.
 */
#include "analysis/drums.h"
#include "analysis/gather.h"

#include "base/diag.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    DRUM_CHANNEL = 9,
    STEP = ES_QUARTER / ES_DRUM_GRID,
    NEAR_BEAT = ES_QUARTER / 8,   /* Hits so near to a quarter tell the lead. */
    ONE_STROKE = ES_QUARTER / 20, /* Hits within are one place in time. */
    MOST_QUARTERS = 1 << 18,
    FILL_STROKES = 4
};

/* ---- divisions of a quarter ---- */

enum { DIVISIONS = 3 };

static const struct {
    es_tick apart;     /* Of its places. */
    double log_places; /* Logarithm of their number. */
    double price;      /* Of a quarter divided so. */
} divisions[DIVISIONS] = {
    {ES_QUARTER / 4, 1.3863, 0}, {ES_QUARTER / 3, 1.0986, 0.7}, {ES_QUARTER / 6, 1.7918, 1.4}};

static const double change_price = 1.5;
static const double spread = ES_QUARTER * 1.3 / 24; /* Standard deviation of hits, ticks. */

static es_tick place_of(es_tick in_quarter, int division)
{
    const es_tick apart = divisions[division].apart;
    const es_tick moved = in_quarter + apart / 2;

    return (moved < 0 ? 0 : moved) / apart * apart;
}

typedef struct quarter {
    double cost[DIVISIONS]; /* Of the best way until here that ends so. */
    uint8_t from[DIVISIONS];
    uint8_t division;
} quarter;

typedef struct reader {
    es_gathered gathered;
    quarter *quarters;
    size_t n_quarters;
    es_tick lead;
    es_drummer *out;
    size_t capacity;
} reader;

static es_tick start_of(const reader *r, size_t note)
{
    return r->gathered.notes[note].note.start - r->lead;
}

/* The quarter of a time; what is a little early belongs to the next one. */
static size_t quarter_of(es_tick time)
{
    const es_tick shifted = time + ES_QUARTER / 16;

    return shifted < 0 ? 0 : (size_t)(shifted / ES_QUARTER);
}

/* Mean of all deviations near beats: drummers lean on the beat as a habit. */
static es_tick find_lead(const es_gathered *g)
{
    es_tick sum = 0;
    es_tick count = 0;

    for (size_t i = 0; i < g->n_notes; i++) {
        const es_tick start = g->notes[i].note.start;
        const es_tick beat = (start + ES_QUARTER / 2) / ES_QUARTER * ES_QUARTER;
        const es_tick late = start - beat;
        if (g->parts[g->notes[i].note.part].is_drums && late < NEAR_BEAT && late > -NEAR_BEAT) {
            sum += late;
            count++;
        }
    }
    return count ? sum / count : 0;
}

static void add_stroke(double cost[DIVISIONS], size_t q, es_tick time)
{
    for (int d = 0; d < DIVISIONS; d++) {
        const es_tick in_quarter = time - (es_tick)q * ES_QUARTER;
        const double off = (double)(in_quarter - place_of(in_quarter, d)) / spread;
        cost[d] += off * off / 2 + divisions[d].log_places;
    }
}

/* Own cost of each quarter, by its strokes: hits close together are one. */
static void weigh_quarters(reader *r)
{
    es_tick last = -ES_QUARTER;

    for (size_t q = 0; q < r->n_quarters; q++) {
        for (int d = 0; d < DIVISIONS; d++) {
            r->quarters[q].cost[d] = divisions[d].price;
        }
    }
    for (size_t i = 0; i < r->gathered.n_notes; i++) {
        if (!r->gathered.parts[r->gathered.notes[i].note.part].is_drums) {
            continue;
        }
        const es_tick time = start_of(r, i);
        if (time - last >= ONE_STROKE) {
            const size_t q = quarter_of(time);
            add_stroke(r->quarters[q].cost, q, time);
            last = time;
        }
    }
}

static void choose_divisions(reader *r)
{
    weigh_quarters(r);
    for (size_t q = 1; q < r->n_quarters; q++) {
        const double *before = r->quarters[q - 1].cost;
        for (int d = 0; d < DIVISIONS; d++) {
            int best = d;
            for (int from = 0; from < DIVISIONS; from++) {
                if (before[from] + (from == d ? 0 : change_price) <
                    before[best] + (best == d ? 0 : change_price)) {
                    best = from;
                }
            }
            r->quarters[q].from[d] = (uint8_t)best;
            r->quarters[q].cost[d] += before[best] + (best == d ? 0 : change_price);
        }
    }
    int d = 0;
    for (int other = 1; other < DIVISIONS; other++) {
        const double *cost = r->quarters[r->n_quarters - 1].cost;
        d = cost[other] < cost[d] ? other : d;
    }
    for (size_t q = r->n_quarters; q-- > 0;) {
        r->quarters[q].division = (uint8_t)d;
        d = r->quarters[q].from[d];
    }
}

/* ---- hits ---- */

static int compare_hits(const void *a, const void *b)
{
    const es_drum_hit *x = a;
    const es_drum_hit *y = b;

    if (x->step != y->step) {
        return x->step < y->step ? -1 : 1;
    }
    if (x->piece != y->piece) {
        return x->piece < y->piece ? -1 : 1;
    }
    if (x->velocity != y->velocity) {
        return x->velocity > y->velocity ? -1 : 1;
    }
    return (x->late > y->late) - (x->late < y->late);
}

static estro_status collect(reader *r, estro_diag *diag)
{
    es_drummer *out = r->out;

    for (size_t i = 0; i < r->gathered.n_notes; i++) {
        const es_found_note *note = &r->gathered.notes[i];
        const int piece = es_kit_piece_of_key(note->note.key);
        if (!r->gathered.parts[note->note.part].is_drums) {
            continue;
        }
        if (piece < 0) {
            out->n_foreign++;
            continue;
        }
        const es_tick time = start_of(r, i);
        const size_t q = quarter_of(time);
        const es_tick place = (es_tick)q * ES_QUARTER +
                              place_of(time - (es_tick)q * ES_QUARTER, r->quarters[q].division);
        if (!es_grow(&out->hits, out->n_hits, &r->capacity, sizeof *out->hits)) {
            return es_fail_memory(diag);
        }
        out->hits[out->n_hits++] = (es_drum_hit){.step = (uint32_t)(place / STEP),
                                                 .late = (int32_t)(time - place),
                                                 .piece = (uint8_t)piece,
                                                 .velocity = note->velocity};
    }
    if (out->n_hits > 0) {
        qsort(out->hits, out->n_hits, sizeof *out->hits, compare_hits);
    }
    return ESTRO_OK;
}

/* One hit a lane at each step: the loudest. */
static void merge(es_drummer *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < out->n_hits; i++) {
        const es_drum_hit *hit = &out->hits[i];
        es_drum_hit *same = NULL;
        for (size_t j = kept; j-- > 0 && out->hits[j].step == hit->step;) {
            if (es_kit_lane(out->hits[j].piece) == es_kit_lane(hit->piece)) {
                same = &out->hits[j];
            }
        }
        if (!same) {
            out->hits[kept++] = *hit;
            continue;
        }
        out->n_merged++;
        if (hit->velocity > same->velocity) {
            *same = *hit;
        }
    }
    out->n_hits = kept;
}

static void write_roll(es_drummer *out)
{
    es_drum_roll *roll = &out->roll;

    for (size_t i = 0; i < out->n_hits; i++) {
        const es_drum_hit *hit = &out->hits[i];
        const size_t cell = (size_t)hit->step * ES_KIT_LANES + (size_t)es_kit_lane(hit->piece);
        roll->hit[cell] = (uint8_t)es_kit_candidate(hit->piece, es_kit_accent(hit->velocity));
    }
}

/* ---- fills ---- */

static bool has_word(const char *text, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = text; *at; at++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)at[i]) == word[i]) {
            i++;
        }
        if (i == length && !isalpha((unsigned char)at[i]) &&
            (at == text || !isalpha((unsigned char)at[-1]))) {
            return true;
        }
    }
    return false;
}

/* Strokes on toms, and on the snare unless they are soft, in the second half of a bar. */
static uint32_t strokes_of(const es_drum_roll *roll, uint32_t bar)
{
    const size_t first = (size_t)bar * roll->bar_steps + roll->bar_steps / 2;
    uint32_t strokes = 0;

    for (size_t step = first; step < (size_t)(bar + 1) * roll->bar_steps; step++) {
        for (int k = 0; k < ES_KIT_LANES; k++) {
            const int hit = roll->hit[step * ES_KIT_LANES + (size_t)k];
            const int piece = hit ? es_kit_piece_of(k, hit) : -1;
            strokes +=
                piece >= ES_KIT_HIGH_TOM || (piece == ES_KIT_SNARE && es_kit_accent_of(hit) >= 0);
        }
    }
    return strokes;
}

/* What half of the bars stay below or at. */
static uint32_t usual_strokes(const es_drum_roll *roll)
{
    uint32_t count[ES_DRUM_BAR_STEPS * 2 + 1] = {0};
    uint32_t below = 0;
    uint32_t usual = 0;

    for (uint32_t bar = 0; bar < roll->n_bars; bar++) {
        const uint32_t strokes = strokes_of(roll, bar);
        count[strokes < ES_DRUM_BAR_STEPS * 2 ? strokes : ES_DRUM_BAR_STEPS * 2]++;
    }
    for (; below + count[usual] <= roll->n_bars / 2; usual++) {
        below += count[usual];
    }
    return usual;
}

static void find_fills(es_drum_roll *roll, const char *name)
{
    const bool is_fill = has_word(name, "fill");
    const uint32_t usual = usual_strokes(roll);

    for (uint32_t bar = 0; bar < roll->n_bars; bar++) {
        const uint32_t strokes = strokes_of(roll, bar);
        roll->kind[bar] = is_fill || (strokes >= FILL_STROKES && strokes > 2 * usual)
                              ? ES_DRUM_FILL
                              : ES_DRUM_GROOVE;
    }
}

/* ---- all of it ---- */

bool es_plays_drums(const es_smf *smf)
{
    bool plays = false;

    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *event = &smf->events[i];
        if ((event->status & 0xF0) == 0x90 && event->data2 > 0) {
            if ((event->status & 15) != DRUM_CHANNEL) {
                return false;
            }
            plays = true;
        }
    }
    return plays;
}

static estro_status make_roll(reader *r, const char *name, estro_diag *diag)
{
    es_drummer *out = r->out;
    const es_meter meter = r->gathered.meter;

    ES_TRY(es_drum_roll_init(&out->roll, ES_DRUM_GRID, meter, 0, diag));
    const uint32_t n_bars = out->hits[out->n_hits - 1].step / out->roll.bar_steps + 1;
    es_drum_roll_done(&out->roll);
    ES_TRY(es_drum_roll_init(&out->roll, ES_DRUM_GRID, meter, n_bars, diag));
    merge(out);
    write_roll(out);
    out->roll.has_plan = true;
    out->roll.family = (uint8_t)es_family_of(name);
    find_fills(&out->roll, name);
    return ESTRO_OK;
}

static estro_status read_drums(reader *r, const es_smf *smf, const char *name, estro_diag *diag)
{
    const es_gathered *g = &r->gathered;

    ES_TRY(es_gather(&r->gathered, smf, diag));
    r->lead = find_lead(g);
    r->out->lead = (int32_t)r->lead;
    r->out->tempo = g->tempo;
    for (size_t i = 0; i < g->n_notes; i++) {
        const size_t q = quarter_of(start_of(r, i)) + 1;
        r->n_quarters = q > r->n_quarters ? q : r->n_quarters;
    }
    if (r->n_quarters > MOST_QUARTERS) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "the drums go on for %zu quarters", r->n_quarters);
    }
    r->quarters = es_calloc(r->n_quarters + 1, sizeof *r->quarters);
    if (!r->quarters) {
        return es_fail_memory(diag);
    }
    if (r->n_quarters) {
        choose_divisions(r);
    }
    ES_TRY(collect(r, diag));
    if (r->out->n_hits == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "no drum of the kit plays");
    }
    return make_roll(r, name, diag);
}

estro_status es_drummer_read(es_drummer *out, const es_smf *smf, const char *name, estro_diag *diag)
{
    reader r = {.out = out};

    *out = (es_drummer){0};
    const estro_status status = read_drums(&r, smf, name, diag);
    es_gathered_done(&r.gathered);
    es_free(r.quarters);
    if (status != ESTRO_OK) {
        es_drummer_done(out);
    }
    return status;
}

void es_drummer_done(es_drummer *drummer)
{
    es_drum_roll_done(&drummer->roll);
    es_free(drummer->hits);
    *drummer = (es_drummer){0};
}
