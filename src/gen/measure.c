/*
 * Measures. They look at the line of the melody: the top line of the first melody part that plays, or of the first part that does. All of them
 * are cheap: one pass over its notes. Only + - * / and our own exp: what is kept depends on them.
 */
#include "gen/measure.h"

#include "base/real.h"

#include <stdlib.h>

/* Where the arch of a melody has its top. */
#define TOP 0.6

static const es_track *melody_of(const es_engine *engine)
{
    const es_style *style = engine->style;
    const es_track *first = NULL;

    for (uint32_t p = 0; p < style->n_parts; p++) {
        const es_part *part = &style->parts[p];
        const es_track *track = &engine->track[part->first_line];
        if (part->role == ES_ROLE_DRUMS || track->count == 0) {
            continue;
        }
        if (part->role == ES_ROLE_MELODY) {
            return track;
        }
        first = first ? first : track;
    }
    return first;
}

/* Height of the arch at a place in the phrase, 0-1: two parabolas that meet at the top. */
static double arch(double place)
{
    const double away = place < TOP ? (TOP - place) / TOP : (place - TOP) / (1 - TOP);

    return 1 - away * away;
}

static double shape(const es_beats *beats, const es_track *track, int low, int high)
{
    double sum = 0, away = 0;

    for (size_t i = 0; i < track->count; i++) {
        const es_track_note *note = &track->notes[i];
        const double length = (double)(note->end - note->start);
        const double middle = (double)(note->start - beats->start) + length / 2;
        const double height = (double)(note->pitch - low) / (high - low);
        const double off = height - arch(middle / (double)(beats->end - beats->start));
        sum += length;
        away += length * (off < 0 ? -off : off);
    }
    return 1 - away / sum;
}

/* The notes of a bar as [first, end). */
static size_t first_from(const es_track *track, es_tick tick)
{
    size_t i = 0;

    while (i < track->count && track->notes[i].start < tick) {
        i++;
    }
    return i;
}

static bool same_bar(const es_beats *beats, const es_track *track, uint16_t a, uint16_t b)
{
    const es_tick start_a = beats->start + a * beats->bar, start_b = beats->start + b * beats->bar;
    const size_t i = first_from(track, start_a), j = first_from(track, start_b);
    const size_t n = first_from(track, start_a + beats->bar) - i;

    if (first_from(track, start_b + beats->bar) - j != n) {
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        if (track->notes[i + k].start - start_a != track->notes[j + k].start - start_b ||
            track->notes[i + k].pitch != track->notes[j + k].pitch) {
            return false;
        }
    }
    return true;
}

/* One minus the mean of two shares: bars that were there before, moves that stay. */
static double variety(const es_beats *beats, const es_track *track)
{
    const uint16_t n_bars = beats->phrase->n_bars;
    double bars = 0, stays = 0;

    for (uint16_t b = 1; b < n_bars; b++) {
        bool is_new = true;
        for (uint16_t a = 0; a < b && is_new; a++) {
            is_new = !same_bar(beats, track, a, b);
        }
        bars += !is_new;
    }
    for (size_t i = 1; i < track->count; i++) {
        stays += track->notes[i].pitch == track->notes[i - 1].pitch;
    }
    bars /= n_bars > 1 ? n_bars - 1 : 1;
    stays /= track->count > 1 ? (double)(track->count - 1) : 1;
    return 1 - (bars + stays) / 2;
}

/* The approach to the last note, by step or not, and its length up to two beats. */
static double cadence(const es_beats *beats, const es_track *track)
{
    const es_track_note *last = &track->notes[track->count - 1];
    const double length = (double)(last->end - last->start) / (double)(2 * beats->beat);
    double approach = 0;

    if (track->count > 1) {
        const int move = abs(last->pitch - track->notes[track->count - 2].pitch);
        approach = move == 0 ? 0.5 : move <= 2 ? 1 : move <= 4 ? 0.5 : 0;
    }
    return (approach + (length < 1 ? length : 1)) / 2;
}

/* Likelihood of a choice: the geometric mean, by the model where one writes, else by the style's weights a note. */
static double likelihood(const es_engine *engine, const es_compose_stats *before)
{
    const es_compose_stats *now = &engine->state->stats;
    double log_p = now->log_p_model - before->log_p_model;
    double count = (double)(now->draws - before->draws);

    if (!(count > 0)) {
        log_p = now->log_p_sampler - before->log_p_sampler;
        count = (double)engine->state->n_drums;
        for (uint32_t l = 0; l < engine->style->n_lines; l++) {
            count += (double)engine->track[l].count;
        }
    }
    return count > 0 && log_p < 0 ? es_exp(log_p / count) : 1;
}

void es_measure_phrase(const es_engine *engine, const es_compose_stats *before, double *out)
{
    const es_track *track = melody_of(engine);

    for (int m = 0; m < ES_MERIT_COUNT; m++) {
        out[m] = 0;
    }
    out[ES_MERIT_LIKELIHOOD] = likelihood(engine, before);
    if (!track) {
        return;
    }
    int low = track->notes[0].pitch, high = low;
    for (size_t i = 1; i < track->count; i++) {
        low = track->notes[i].pitch < low ? track->notes[i].pitch : low;
        high = track->notes[i].pitch > high ? track->notes[i].pitch : high;
    }
    const double off = abs(high - low - 12) / 12.0;
    out[ES_MERIT_RANGE] = off < 1 ? 1 - off : 0;
    out[ES_MERIT_SHAPE] = high > low ? shape(&engine->beats, track, low, high) : 0;
    out[ES_MERIT_VARIETY] = variety(&engine->beats, track);
    out[ES_MERIT_CADENCE] = cadence(&engine->beats, track);
}

double es_measure_score(const es_style *style, const double *measures)
{
    double score = 0;

    for (int m = 0; m < ES_MERIT_COUNT; m++) {
        score += style->merit[m] * measures[m];
    }
    return score;
}
