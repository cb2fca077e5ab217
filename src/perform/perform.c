/*
 * Performing a bar. Each note gets its time (strum, swing, then a small deviation, never out of its bar), its velocity (level, metre,
 * accent, phrase arch, contour, a small deviation), and its sounding length (gate, breath at the end of a phrase). The last bars of
 * the piece slow down by tempo points, so the notes need not know of it.
 *
 * Chance is addressed by seed, bar, part and the note's own place and key: a note more or less elsewhere changes no other.
 * Only + - * / on doubles here: velocities and times reach the file.
 */
#include "perform/perform.h"

#include "base/rng.h"
#include "perform/dynamics.h"
#include "perform/ornament.h"

#include <string.h>

enum {
    SHORTEST = ES_QUARTER / 32, /* what a gate may leave of a note that was longer */
    ROLLED_MS = 45,             /* from line to line of a rolled chord */
    LEGATO_MS = 25,             /* that a note of a legato goes on under the next */
    NEIGHBOUR = 4,              /* semitones to the next tone of a scale, at most */
    HELD = 2,                   /* times as long: a chord under a fermata */
    PLAIN_VELOCITY = 80,        /* of what is not performed, ... */
    PLAIN_ACCENT = 16,          /* ... and an accent's part of it; */
    PLAIN_DRUM_ACCENT = 40      /* soft hits of drums are ghosts, so the levels lie further apart */
};

/* Share of a staccato note that sounds. */
#define STACCATO 0.45

/* Chance that notes have in common which a part strikes together. */
typedef struct onset {
    es_tick in_bar;
    uint8_t part;
    double sway[2]; /* Deviations: the first one, and where there is a feel another. */
} onset;

/* What is the same for all notes of the bar. */
typedef struct context {
    const es_style *style;
    const es_bar *bar;
    uint64_t chance; /* es_rng_place of the bar. */
    double ticks_per_ms;
} context;

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static int64_t round_tick(double x)
{
    return x < 0 ? -(int64_t)(0.5 - x) : (int64_t)(x + 0.5);
}

/*
 * Swing: within a pair of units the first gets the share `swing`. Only places on the unit's own grid and its halves move, so
 * triplets stay even.
 */
static es_tick swung(const es_performance *how, es_tick in_bar)
{
    const es_tick unit = how->swing_unit;

    if (unit < 2 || how->swing <= 0 || how->swing >= 1 || in_bar % (unit / 2) != 0) {
        return in_bar;
    }
    const es_tick in_pair = in_bar % (2 * unit);
    const double middle = (double)(2 * unit) * how->swing;
    const double slope =
        in_pair < unit ? middle / (double)unit : ((double)(2 * unit) - middle) / (double)unit;
    const double moved =
        in_pair < unit ? (double)in_pair * slope : middle + (double)(in_pair - unit) * slope;

    return in_bar - in_pair + round_tick(moved);
}

/* ---- feel: how drummers of a kind play ---- */

static const es_feel_row *feel_of(const context *c, const es_part *part, uint8_t key)
{
    const es_feel *feel = c->style->performance.feel;

    for (uint32_t i = 0; feel && part->role == ES_ROLE_DRUMS && i < feel->n_rows; i++) {
        if (feel->rows[i].key == key) {
            return &feel->rows[i];
        }
    }
    return NULL;
}

/* The sixteenth of the bar that a note stands in: the nearest before it. */
static size_t feel_place(es_tick in_bar)
{
    return (size_t)(in_bar / (ES_QUARTER / 4)) % ES_FEEL_PLACES;
}

/* Ticks; the spread is bounded at twice its size, and hits of one instant lean the same way. */
static double feel_timing(const context *c, const es_feel_row *row, es_tick in_bar, double sway,
                          es_rng *note)
{
    const size_t place = feel_place(in_bar);
    const double swayed = 2.0 * (0.7 * sway + 0.3 * es_deviation(note));
    const double late = row->late[place] + row->loose[place] * swayed;

    return c->style->performance.feel_share * late * c->ticks_per_ms;
}

/* Velocity that the feel adds to that of a plain hit. */
static double feel_loudness(const context *c, const es_feel_row *row, const es_note *note)
{
    const es_tick in_bar = note->start - c->bar->start;
    const int level = note->accent < 0 ? 0 : note->accent > 0 ? 2 : 1;
    const double by_level =
        row->level[level] && row->level[1] ? (double)row->level[level] - row->level[1] : 0;

    return c->style->performance.feel_share * (by_level + row->loud[feel_place(in_bar)]);
}

/* Late (+) or early (-), in ticks. The melody goes a little in front of the others; drums keep the time. */
static double timing(const context *c, const es_part *part, double sway, es_rng *note)
{
    const double limit = c->style->performance.human_ms * c->ticks_per_ms;
    double late = 0.6 * sway + 0.2 * es_deviation(note);

    switch ((es_role)part->role) {
    case ES_ROLE_MELODY:
        late -= 0.2;
        break;
    case ES_ROLE_HARMONY:
        late += 0.2;
        break;
    case ES_ROLE_DRUMS:
        late *= 0.5;
        break;
    case ES_ROLE_COUNTER:
    case ES_ROLE_BASS:
    case ES_ROLE_COUNT:
        break;
    }
    return clamp(late, -1.0, 1.0) * limit;
}

/* Where a note that is written to end at `written` stops sounding. */
static es_tick sounding_end(const context *c, const es_part *part, uint16_t marks, es_tick start,
                            es_tick written)
{
    const es_performance *const how = &c->style->performance;
    const es_bar *const bar = c->bar;
    const es_tick bar_end = bar->start + bar->length;
    const bool ends_phrase = bar->phrase_bars > 0 && bar->phrase_bar + 1 == bar->phrase_bars;
    const es_tick length = written - start, beat = es_meter_beat(bar->meter);
    es_tick end = written;

    if (part->role == ES_ROLE_DRUMS || (bar->is_last && written >= bar_end)) {
        return written;
    }
    /* The silence of the gate grows with the note up to a quarter's, so that long notes still sing. */
    const es_tick gated = length < ES_QUARTER ? length : ES_QUARTER;
    if (marks >> ES_MARK_STACCATO & 1) {
        end = start + round_tick((double)length * STACCATO);
    } else if (marks >> ES_MARK_LEGATO & 1) {
        end += round_tick(LEGATO_MS * c->ticks_per_ms);
    } else if (!(marks >> ES_MARK_TENUTO & 1)) {
        end -= round_tick((double)gated * (1.0 - clamp(how->gate, 0.1, 1.0)));
    }
    if (ends_phrase && written == bar_end) {
        const es_tick breath = round_tick((double)beat * clamp(how->breath, 0.0, 0.9));
        end = end < bar_end - breath ? end : bar_end - breath;
    }
    const es_tick least = length < SHORTEST ? length : SHORTEST;
    return end < start + least ? start + least : end;
}

/* ---- chords: lines that enter one after another ---- */

/* Where a note stands in the chord that its part strikes with it. */
typedef struct chord_place {
    int below, above; /* Notes of the chord. */
} chord_place;

static chord_place place_in_chord(const es_bar *bar, size_t at)
{
    const es_note *note = &bar->notes[at];
    chord_place out = {0, 0};
    size_t first = at;

    while (first > 0 && bar->notes[first - 1].start == note->start &&
           bar->notes[first - 1].part == note->part) {
        first--;
    }
    for (size_t i = first;
         i < bar->n_notes && bar->notes[i].start == note->start && bar->notes[i].part == note->part;
         i++) {
        out.below += bar->notes[i].key < note->key;
        out.above += bar->notes[i].key > note->key;
    }
    return out;
}

/* Strings below it that a note waits for. Down strokes (from the low one) on beats and accents, up strokes off the beats. */
static int strings_before(const context *c, const es_note *note, chord_place place)
{
    const es_tick in_bar = note->start - c->bar->start;
    const bool is_down = note->marks >> ES_MARK_ROLL & 1 || note->accent > 0 ||
                         (note->accent == 0 && in_bar % es_meter_beat(c->bar->meter) == 0);

    return is_down ? place.below : place.above;
}

/* Ticks that a note of a strummed or rolled chord comes late: no more than a third of it. */
static es_tick spread(const context *c, const es_part *part, size_t at)
{
    const es_note *note = &c->bar->notes[at];
    const bool is_rolled = part->n_lines > 1 && note->marks >> ES_MARK_ROLL & 1;
    const double ms = part->strum_ms > 0 ? part->strum_ms : is_rolled ? ROLLED_MS : 0;

    if (!(ms > 0) || part->role == ES_ROLE_DRUMS) {
        return 0;
    }
    const int before = strings_before(c, note, place_in_chord(c->bar, at));
    const es_tick late = round_tick(ms * before * c->ticks_per_ms);
    return late < note->duration / 3 ? late : note->duration / 3;
}

static void find_onset(const context *c, const es_note *note, onset *out)
{
    const es_tick in_bar = note->start - c->bar->start;
    const bool has_feel = c->style->performance.feel != NULL;

    if (out->in_bar == in_bar && out->part == note->part) {
        return;
    }
    es_rng rng = es_rng_in(c->chance, note->part, (uint64_t)in_bar * 256 + 255);
    out->in_bar = in_bar;
    out->part = note->part;
    out->sway[0] = es_deviation(&rng);
    out->sway[1] = has_feel ? es_deviation(&rng) : 0;
}

static es_played perform_note(const context *c, const onset *struck, size_t at)
{
    const es_note *const note = &c->bar->notes[at];
    const es_part *const part = &c->style->parts[note->part];
    const es_bar *const bar = c->bar;
    const es_tick in_bar = note->start - bar->start;
    es_rng own = es_rng_in(c->chance, note->part, (uint64_t)in_bar * 256 + note->key);
    const es_tick written_start = swung(&c->style->performance, in_bar);
    const es_tick written_end = swung(&c->style->performance, in_bar + note->duration);
    const es_feel_row *feel = feel_of(c, part, note->key);
    const double moved = feel ? feel_timing(c, feel, in_bar, struck->sway[0], &own) : 0;
    const double loudness = feel ? feel_loudness(c, feel, note) : 0;
    es_tick start = written_start +
                    round_tick(moved + timing(c, part, struck->sway[feel != NULL], &own)) +
                    spread(c, part, at);

    if (start > bar->length - SHORTEST) {
        start = bar->length - SHORTEST;
    }
    if (start < 0) {
        start = 0;
    }
    es_tick end =
        sounding_end(c, part, note->marks, bar->start + written_start, bar->start + written_end);
    if (end <= bar->start + start) {
        end = bar->start + start + 1;
    }
    return (es_played){
        .start = bar->start + start,
        .duration = end - (bar->start + start),
        .key = note->key,
        .velocity = es_dynamics_velocity(c->style, c->bar, note, feel ? &loudness : NULL, &own),
        .channel = part->channel,
        .part = note->part,
        .note = (uint32_t)at,
    };
}

/* ---- ornaments ---- */

static bool sounds_beside(const es_bar *bar, const es_note *note, int key)
{
    for (size_t i = 0; i < bar->n_notes; i++) {
        const es_note *other = &bar->notes[i];
        if (other->part == note->part && other->key == key &&
            other->start < note->start + note->duration &&
            other->start + other->duration > note->start) {
            return true;
        }
    }
    return false;
}

/* The next tone of the scale of the moment, -1 where the part cannot play it. */
static int neighbour(const context *c, const es_note *note, int key, int step)
{
    const es_part *part = &c->style->parts[note->part];
    const es_tick in_bar = note->start - c->bar->start;
    const size_t beat = (size_t)(in_bar / es_meter_beat(c->bar->meter));
    const bool is_minor = es_mode_is_minor(c->bar->key.mode);
    const unsigned own = part->scale[is_minor];
    const uint16_t scale =
        own ? (uint16_t)((own << c->bar->key.tonic | own << c->bar->key.tonic >> 12) & 0xfff)
            : es_scale_set(c->bar->key,
                           c->bar->chord[beat < ES_MAX_BEATS ? beat : ES_MAX_BEATS - 1]);

    for (int i = 1; key >= 0 && i <= NEIGHBOUR; i++) {
        const int to = key + i * step;
        if (to < part->low || to > part->high) {
            return -1;
        }
        if (scale >> to % 12 & 1) {
            return sounds_beside(c->bar, note, to) ? -1 : to;
        }
    }
    return -1;
}

/* The strokes of a note. */
static size_t play_note(const context *c, onset *struck, size_t at, es_played *out)
{
    const es_note *note = &c->bar->notes[at];
    const es_part *part = &c->style->parts[note->part];

    find_onset(c, note, struck);
    const es_played played = perform_note(c, struck, at);
    es_ornament ornament = {.marks = note->marks,
                            .is_drum = part->role == ES_ROLE_DRUMS,
                            .above = -1,
                            .below = -1,
                            .under = -1,
                            .from = c->bar->start,
                            .to = c->bar->start + c->bar->length,
                            .ticks_per_ms = c->ticks_per_ms};

    if (part->n_lines > 1) {
        ornament.marks &= (uint16_t) ~(1u << ES_MARK_ROLL); /* The chord is rolled. */
    }
    if (ornament.marks & ES_ORNAMENT_BITS && !ornament.is_drum) {
        ornament.above = neighbour(c, note, note->key, 1);
        ornament.below = neighbour(c, note, note->key, -1);
        ornament.under = neighbour(c, note, ornament.below, -1);
    }
    return es_ornament_play(&ornament, &played, out);
}

size_t es_perform_most(const es_bar *bar)
{
    size_t most = 0;

    for (size_t i = 0; i < bar->n_notes; i++) {
        most += es_ornament_most(bar->notes[i].marks);
    }
    return most;
}

static bool comes_before(const es_played *a, const es_played *b)
{
    if (a->start != b->start) {
        return a->start < b->start;
    }
    if (a->part != b->part) {
        return a->part < b->part;
    }
    if (a->key != b->key) {
        return a->key < b->key;
    }
    return a->velocity > b->velocity;
}

/* Notes come nearly sorted (deviations are small), so insertion is quick; equal ones keep the order of the score. */
static void sort_played(es_played *played, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const es_played note = played[i];
        size_t j = i;
        while (j > 0 && comes_before(&note, &played[j - 1])) {
            played[j] = played[j - 1];
            j--;
        }
        played[j] = note;
    }
}

/* A note ends by the next onset of its key in its part. */
static void end_before_next(es_played *played, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const es_tick end = played[i].start + played[i].duration;
        for (size_t j = i + 1; j < count && played[j].start < end; j++) {
            if (played[j].part == played[i].part && played[j].key == played[i].key &&
                played[j].start > played[i].start) {
                played[i].duration = played[j].start - played[i].start;
                break;
            }
        }
    }
}

/* Bars at the end that slow down: two, where the phrase has more than two. */
static int ritard_bars(const es_bar *bar)
{
    const bool has_end = bar->in_last_phrase || bar->ritard > 0;

    return has_end && bar->phrase_bars > 2 ? 2 : 1;
}

/* The share of its tempo that the bar slows down towards, 1 = it does not. */
static double slowest(const es_style *style, const es_bar *bar)
{
    if (bar->ritard > 0) {
        return bar->ritard;
    }
    return bar->is_last || bar->in_last_phrase ? clamp(style->performance.ritard, 0.2, 1.0) : 1.0;
}

/* Where in the bar the last chord of the phrase begins to be held; the end of the bar where nothing is held. */
static es_tick hold_start(const es_bar *bar)
{
    int beat = bar->n_beats;

    if (!bar->has_fermata || bar->phrase_bar + 1 != bar->phrase_bars) {
        return bar->length;
    }
    while (--beat > 0 && !bar->chord_starts[beat]) {
    }
    return beat > 0 ? beat * es_meter_beat(bar->meter) : 0;
}

static size_t tempo_points(const es_style *style, const es_bar *bar, es_tempo_point *tempo)
{
    const double final = slowest(style, bar);
    const int span = ritard_bars(bar);
    const int left = bar->is_last ? 1 : bar->phrase_bars - bar->phrase_bar;
    const int pieces = 2 * es_meter_beats(bar->meter);
    const es_tick hold = hold_start(bar);
    const bool slows = final < 1.0 && left <= span;
    size_t count = 0;

    tempo[0] = (es_tempo_point){bar->start, bar->tempo};
    if (!slows && hold >= bar->length) {
        return 1;
    }
    for (int i = 0; i < pieces && count < ES_MAX_TEMPO_POINTS; i++) {
        const double way = slows ? ((span - left) + (i + 0.5) / pieces) / span : 0;
        const es_tick at = bar->length * i / pieces;
        tempo[count++] = (es_tempo_point){
            .tick = bar->start + at,
            .tempo = bar->tempo * (1.0 - (1.0 - final) * way * way) / (at >= hold ? HELD : 1),
        };
    }
    return count;
}

size_t es_perform_bar(const es_style *style, uint64_t seed, const es_bar *bar, es_played *played,
                      es_tempo_point *tempo, size_t *n_tempo)
{
    onset struck = {.in_bar = -1};
    size_t count = 0;

    const context c = {
        .style = style,
        .bar = bar,
        .chance = es_rng_place(seed, ES_FOR_PERFORMANCE, bar->index),
        .ticks_per_ms = bar->tempo * ES_QUARTER / 60000.0,
    };

    for (size_t i = 0; i < bar->n_notes; i++) {
        count += play_note(&c, &struck, i, played + count);
    }
    sort_played(played, count);
    end_before_next(played, count);
    *n_tempo = tempo_points(style, bar, tempo);
    return count;
}

void es_perform_plain(const es_style *style, const es_bar *bar, es_played *played,
                      es_tempo_point *tempo, size_t *n_tempo)
{
    for (size_t i = 0; i < bar->n_notes; i++) {
        const es_note *const note = &bar->notes[i];
        const bool is_drum = style->parts[note->part].role == ES_ROLE_DRUMS;
        const int accent = is_drum ? PLAIN_DRUM_ACCENT : PLAIN_ACCENT;
        played[i] = (es_played){
            .start = note->start,
            .duration = note->duration,
            .key = note->key,
            .velocity = (uint8_t)(PLAIN_VELOCITY + accent * note->accent),
            .channel = style->parts[note->part].channel,
            .part = note->part,
            .note = (uint32_t)i,
        };
    }
    sort_played(played, bar->n_notes);
    end_before_next(played, bar->n_notes);
    tempo[0] = (es_tempo_point){bar->start, bar->tempo};
    *n_tempo = 1;
}
