/*
 * A melody becomes a theme: what is repeated at once is left out, notes become steps of the scale, and phrases are found.
 */
#include "theme/theme.h"

#include "base/diag.h"
#include "base/mem.h"
#include "theme/source.h"

enum {
    MOST_THEME_BARS = 1024,
    LEAST_REPEAT = 4, /* Bars that are left out when they are said again. */
    MOST_REPEAT = 32,
    MOST_PHRASE = 8 /* Bars. */
};

/* ---- steps ---- */

/* Semitones of the seven steps of a key above its tonic. */
static void scale_of(int steps[7], es_key key)
{
    const uint16_t set = es_key_set(key);
    int n = 0;

    for (int i = 0; i < 12 && n < 7; i++) {
        if (set >> (key.tonic + i) % 12 & 1) {
            steps[n++] = i;
        }
    }
    while (n < 7) {
        steps[n] = steps[n - 1] + 1;
        n++;
    }
}

static int floor_div(int a, int b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int es_theme_pitch(es_key key, int step, int alter)
{
    int steps[7];
    const int octave = floor_div(step, 7);

    scale_of(steps, key);
    return 60 + key.tonic % 12 + 12 * octave + steps[step - 7 * octave] + alter;
}

/* The step that a pitch is, or is a raised one of; the minor third and seventh are lowered ones. */
static void step_of(es_theme_note *note, es_key key, int pitch)
{
    int steps[7];
    const int above = pitch - 60 - key.tonic % 12;
    const int octave = floor_div(above, 12);
    const int semitone = above - 12 * octave;
    int step = 6;

    scale_of(steps, key);
    while (step > 0 && steps[step] > semitone) {
        step--;
    }
    int alter = semitone - steps[step];
    if (alter > 0 && (semitone == 3 || semitone == 10) && step < 6) {
        step++;
        alter = semitone - steps[step];
    }
    note->step = (int16_t)(step + 7 * octave);
    note->alter = (int8_t)alter;
}

/* ---- bars ---- */

/* The notes of a melody by bar. */
typedef struct barred {
    const es_melody *melody;
    es_tick bar;
    uint32_t n_bars;
    size_t *first; /* [n_bars + 1]: notes. */
} barred;

static estro_status cut(barred *out, const es_melody *melody, const char *source, estro_diag *diag)
{
    const es_note *last = &melody->notes[melody->n_notes - 1];
    const es_tick bar = es_meter_bar(melody->meter);
    const es_tick n_bars = last->start / bar + 1;
    size_t next = 0;

    *out = (barred){.melody = melody, .bar = bar, .n_bars = (uint32_t)n_bars};
    if (n_bars > MOST_THEME_BARS) {
        es_diag_init(diag, source);
        return es_fail(diag, ESTRO_ERR_FORMAT, "a theme has at most %d bars; this one has %ld",
                       MOST_THEME_BARS, (long)n_bars);
    }
    out->first = es_calloc(out->n_bars + 1, sizeof *out->first);
    if (!out->first) {
        return es_fail_memory(diag);
    }
    for (uint32_t b = 0; b <= out->n_bars; b++) {
        while (next < melody->n_notes && melody->notes[next].start < b * bar) {
            next++;
        }
        out->first[b] = next;
    }
    return ESTRO_OK;
}

/* Whether two bars are alike, up to a place in them. Empty ones are not. */
static bool is_like(const barred *b, uint32_t x, uint32_t y, es_tick until)
{
    size_t i = b->first[x], k = b->first[y];
    const es_tick shift = ((es_tick)y - (es_tick)x) * b->bar;

    for (;; i++, k++) {
        const es_note *p = &b->melody->notes[i];
        const es_note *q = &b->melody->notes[k];
        const bool p_ends = i == b->first[x + 1] || p->start >= x * b->bar + until;
        const bool q_ends = k == b->first[y + 1] || q->start >= y * b->bar + until;
        if (p_ends || q_ends) {
            return p_ends && q_ends && i > b->first[x];
        }
        if (p->start + shift != q->start || p->key != q->key) {
            return false;
        }
    }
}

/* Bars from `at` on that say the `count` bars before them again; of the last the first half counts, as another upbeat may follow. */
static bool repeats(const barred *b, const uint32_t *kept, uint32_t n_kept, uint32_t at,
                    uint32_t count)
{
    if (count > n_kept || at + count > b->n_bars) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const bool is_last = i + 1 == count;
        if (!is_like(b, kept[n_kept - count + i], at + i, is_last ? b->bar / 2 : b->bar)) {
            return false;
        }
    }
    return true;
}

/* Which bars the theme has. The last bar of a repeat is that of its second time, which leads on. @return How many. */
static uint32_t keep_bars(const barred *b, uint32_t *kept)
{
    uint32_t n_kept = 0;

    for (uint32_t at = 0; at < b->n_bars;) {
        uint32_t count = MOST_REPEAT;
        while (count >= LEAST_REPEAT && !repeats(b, kept, n_kept, at, count)) {
            count--;
        }
        if (count < LEAST_REPEAT) {
            kept[n_kept++] = at++;
            continue;
        }
        at += count;
        kept[n_kept - 1] = at - 1;
    }
    return n_kept;
}

/* A first bar in which nothing stands but an upbeat in its second half counts as none. */
static bool has_upbeat(const barred *b)
{
    return b->n_bars > 1 && b->melody->notes[0].start >= b->bar / 2;
}

static estro_status fill(es_theme *theme, const barred *b, const uint32_t *kept, uint32_t n_kept,
                         estro_diag *diag)
{
    const uint32_t upbeat = has_upbeat(b);

    theme->notes = es_calloc(b->melody->n_notes, sizeof *theme->notes);
    theme->n_bars = n_kept - upbeat;
    theme->begins = es_calloc(theme->n_bars, sizeof *theme->begins);
    if (!theme->notes || !theme->begins) {
        return es_fail_memory(diag);
    }
    for (uint32_t k = 0; k < n_kept; k++) {
        for (size_t i = b->first[kept[k]]; i < b->first[kept[k] + 1]; i++) {
            const es_note *note = &b->melody->notes[i];
            es_theme_note *out = &theme->notes[theme->n_notes++];
            *out = (es_theme_note){
                .start = note->start + ((es_tick)k - (es_tick)upbeat - (es_tick)kept[k]) * b->bar,
                .duration = note->duration,
                .source = note->start - b->melody->pickup};
            step_of(out, theme->key, note->key);
        }
    }
    return ESTRO_OK;
}

/* ---- phrases ---- */

/* How much it looks as if a phrase ended with the bar before: long notes and rests end phrases. */
static double ends_before(const es_theme *theme, uint32_t bar)
{
    const es_tick at = bar * es_meter_bar(theme->meter);
    const es_tick beat = es_meter_beat(theme->meter);
    const es_theme_note *last = NULL;
    double evidence = 0;

    for (size_t i = 0; i < theme->n_notes && theme->notes[i].start < at; i++) {
        const bool is_long = theme->notes[i].start >= at - es_meter_bar(theme->meter) &&
                             theme->notes[i].duration >= 2 * beat;
        evidence = is_long ? 1 : evidence;
        last = &theme->notes[i];
    }
    if (last && last->start + last->duration < at) {
        evidence += 1;
    }
    return evidence;
}

/* Phrases of 4 bars are usual, then 2 and 8; the row of phrases that costs least is taken. */
static void find_phrases(es_theme *theme, double *cost, uint8_t *length)
{
    static const double usual[MOST_PHRASE + 1] = {0, 4, 1.5, 2.5, 0, 2.5, 2, 3, 2};

    cost[0] = 0;
    for (uint32_t bar = 1; bar <= theme->n_bars; bar++) {
        cost[bar] = 1e9;
        for (uint32_t n = 1; n <= MOST_PHRASE && n <= bar; n++) {
            const double sum = cost[bar - n] + usual[n];
            if (sum < cost[bar]) {
                cost[bar] = sum;
                length[bar] = (uint8_t)n;
            }
        }
        cost[bar] -= ends_before(theme, bar);
    }
    for (uint32_t bar = theme->n_bars; bar > 0;) {
        bar -= length[bar];
        theme->begins[bar] = true;
    }
}

/* ---- all of it ---- */

static void digest(uint8_t out[8], const uint8_t *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(hash >> (56 - 8 * i));
    }
}

static estro_status make(es_theme *theme, const es_melody *melody, const char *source,
                         estro_diag *diag)
{
    barred b = {0};

    theme->meter = melody->meter;
    theme->key = melody->key;
    theme->tempo = melody->tempo;
    estro_status status = cut(&b, melody, source, diag);
    uint32_t *kept = status == ESTRO_OK ? es_calloc(b.n_bars, sizeof *kept) : NULL;
    double *cost = status == ESTRO_OK ? es_calloc(b.n_bars + 1, sizeof *cost) : NULL;
    uint8_t *length = status == ESTRO_OK ? es_calloc(b.n_bars + 1, 1) : NULL;
    if (status == ESTRO_OK && !(kept && cost && length)) {
        status = es_fail_memory(diag);
    }
    if (status == ESTRO_OK) {
        status = fill(theme, &b, kept, keep_bars(&b, kept), diag);
    }
    if (status == ESTRO_OK) {
        find_phrases(theme, cost, length);
    }
    es_free(b.first);
    es_free(kept);
    es_free(cost);
    es_free(length);
    return status;
}

estro_status es_theme_read(es_theme **out, const uint8_t *bytes, size_t size, const char *source,
                           es_theme_form form, estro_diag *diag)
{
    es_melody melody = {0};
    es_theme *theme = es_calloc(1, sizeof *theme);

    *out = NULL;
    if (!theme) {
        return es_fail_memory(diag);
    }
    digest(theme->digest, bytes, size);
    estro_status status = es_melody_read(&melody, bytes, size, source, form, diag);
    if (status == ESTRO_OK) {
        status = make(theme, &melody, source, diag);
    }
    es_free(melody.notes);
    if (status != ESTRO_OK) {
        es_theme_free(theme);
        return status;
    }
    *out = theme;
    return ESTRO_OK;
}

void es_theme_free(es_theme *theme)
{
    if (!theme) {
        return;
    }
    es_free(theme->notes);
    es_free(theme->begins);
    es_free(theme);
}
