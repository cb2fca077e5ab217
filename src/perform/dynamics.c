/*
 * Velocities. The level of the moment, which moves through the bars of a phrase with a range of levels; the arch of the phrase; the place in the
 * metre and the accent, more or less by the role of the part; the height of the note; the end of a phrase, which is lighter; and chance.
 * Only + - * / on doubles here: velocities reach the file.
 */
#include "perform/dynamics.h"

enum {
    LEAST_ACCENT = 3,       /* even a style without accents is not played at one loudness, ... */
    LEAST_HUMAN = 2,        /* ... nor is one without deviations */
    MELODY_LIFT = 5,        /* velocity of a melody above the others ... */
    ACCOMPANIMENT_DROP = 4, /* ... and of harmony parts below */
    SEMITONES_A_STEP = 4,   /* contour: a step of velocity for so many semitones above home */
    MOST_CONTOUR = 4,
    LOUDEST = 127,
    KNEE = 106 /* velocities above bend towards the loudest */
};

/* What of the accents a role takes: of those of the metre, of those that are written. */
static const struct {
    double metre, written;
} takes[ES_ROLE_COUNT] = {
    [ES_ROLE_MELODY] = {0.8, 0.8}, [ES_ROLE_COUNTER] = {0.7, 0.7}, [ES_ROLE_HARMONY] = {1, 0.9},
    [ES_ROLE_BASS] = {1.1, 0.8},   [ES_ROLE_DRUMS] = {1, 0.8},
};

double es_deviation(es_rng *rng)
{
    const double a = es_rng_unit(rng);

    return a + es_rng_unit(rng) - 1.0;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double accent_of(const es_performance *how)
{
    return how->accent > LEAST_ACCENT ? how->accent : LEAST_ACCENT;
}

/* Velocity that the place in the metre adds or takes. */
static double metric(const es_performance *how, const es_bar *bar, es_tick in_bar)
{
    const double accent = accent_of(how);
    const es_tick places = how->n_stress;

    if (places > 0 && in_bar * places % bar->length == 0) {
        return accent * how->stress[in_bar * places / bar->length] / 100;
    }
    switch (es_meter_strength(bar->meter, in_bar)) {
    case 3:
        return accent;
    case 2:
        return accent * 2 / 3;
    case 1:
        return accent / 3;
    case 0:
        return -accent / 6;
    default:
        return -accent / 3;
    }
}

/* What would be too loud is bent below the loudest there is, so that accents stay above the rest. */
static double bend(double v)
{
    const double room = LOUDEST - KNEE;
    const double over = v - KNEE;

    return over > 0 ? KNEE + room * over / (room + over) : v;
}

static double contour(const es_part *part, uint8_t key)
{
    return clamp(((double)key - part->home) / SEMITONES_A_STEP, -MOST_CONTOUR, MOST_CONTOUR);
}

/* The level and the phrase at a place in the bar, 0-1. */
static double phrase_velocity(const es_performance *how, const es_bar *bar, double in_bar)
{
    const double rise = bar->rise[0] + (bar->rise[1] - bar->rise[0]) * in_bar;
    const double low = how->velocity_low, range = (double)how->velocity_high - low;
    double v = low + range * clamp(bar->level + rise, 0, 9) / 9.0;

    if (bar->phrase_bars > 0) {
        const double place = (bar->phrase_bar + in_bar) / bar->phrase_bars;
        v *= 1.0 + how->arch * 4.0 * place * (1.0 - place);
    }
    return v;
}

/* Whether a note is the last of its line in a phrase, and not on the bar line, where it has weight. */
static bool ends_phrase(const es_bar *bar, const es_note *note)
{
    return bar->phrase_bars > 0 && bar->phrase_bar + 1 == bar->phrase_bars &&
           note->start > bar->start && note->start + note->duration >= bar->start + bar->length;
}

static double by_role(const es_performance *how, const es_part *part, const es_bar *bar,
                      const es_note *note)
{
    double v = part->role == ES_ROLE_DRUMS ? 0 : contour(part, note->key);

    if (part->role == ES_ROLE_MELODY) {
        v += MELODY_LIFT;
    } else if (part->role == ES_ROLE_HARMONY) {
        v -= ACCOMPANIMENT_DROP;
    }
    if (part->role <= ES_ROLE_COUNTER && ends_phrase(bar, note)) {
        v -= accent_of(how) / 2;
    }
    return v;
}

uint8_t es_dynamics_velocity(const es_style *style, const es_bar *bar, const es_note *note,
                             const double *by_feel, es_rng *rng)
{
    const es_performance *const how = &style->performance;
    const es_part *const part = &style->parts[note->part];
    const es_tick in_bar = note->start - bar->start;
    const double share = bar->length > 0 ? (double)in_bar / (double)bar->length : 0;
    const double human = how->human_velocity > LEAST_HUMAN ? how->human_velocity : LEAST_HUMAN;
    double v = phrase_velocity(how, bar, share);

    v += by_feel ? *by_feel
                 : takes[part->role].metre * metric(how, bar, in_bar) +
                       takes[part->role].written * accent_of(how) * note->accent;
    v += by_role(how, part, bar, note);
    if (note->marks >> ES_MARK_ACCENT & 1) {
        v += accent_of(how);
    }
    v += human * es_deviation(rng);
    return (uint8_t)(clamp(bend(v), 1.0, LOUDEST) + 0.5);
}
