/*
 * Weights of pitches. Only + - * / here: these numbers decide what is drawn, on every machine alike.
 */
#include "gen/tone.h"

#include <stdlib.h>

/* Weight of a tone that is not quite the one meant, for where the rules forbid that one. */
#define WAY_OUT 1e-4

bool es_tone_is_single(uint8_t tone)
{
    return tone == ES_TONE_MEMBER || tone == ES_TONE_BASS || tone == ES_TONE_UP ||
           tone == ES_TONE_DOWN;
}

bool es_tone_sounds(const es_part *part, uint8_t tone, int line)
{
    if (es_tone_is_single(tone)) {
        return line + 1 == part->n_lines;
    }
    return line == 0 || part->role != ES_ROLE_MELODY || tone == ES_TONE_CHORD;
}

bool es_tone_is_given(uint8_t tone)
{
    return es_tone_is_single(tone) || tone == ES_TONE_APPROACH || tone == ES_TONE_REPEAT;
}

/* The one pitch of a pitch class (-1: that of the root): nearest to home, so many octaves away, moved into the range by octaves. */
static int pitch_of(const es_part *part, const es_harmony *harmony, int pc, int octave)
{
    const int centre = part->home + 12 * octave;

    if (pc < 0) {
        pc = es_chord_size(harmony->chord) > 0 ? harmony->chord.root : harmony->key.tonic;
    }
    int pitch = centre - 5 + es_pitch_class(pc - (centre - 5));
    while (pitch < part->low) {
        pitch += 12;
    }
    while (pitch > part->high) {
        pitch -= 12;
    }
    return pitch;
}

/* As es_harmony_class, but a foreign bass is a tone of the chord for basses alone. */
static int class_for(const es_part *part, const es_harmony *harmony, int pitch)
{
    const int pc = pitch % 12;

    if (part->role == ES_ROLE_BASS || harmony->upper_set >> pc & 1) {
        return es_part_class(part->scale, harmony, pitch);
    }
    return es_scale_has(part->scale, harmony, pitch) ? 1 : 2;
}

static double by_class(const es_part *part, const es_moment *moment, int pitch)
{
    const double *weights = moment->is_beat ? part->tone_strong : part->tone_weak;

    return weights[class_for(part, moment->harmony, pitch)];
}

/* The next tone of the chord from `pitch` on, by `step` semitones (1 or -1), or ES_SILENT at the end of the range. */
static int next_tone(const es_part *part, const es_harmony *harmony, int pitch, int step)
{
    for (pitch += step; pitch >= part->low && pitch <= part->high; pitch += step) {
        if (class_for(part, harmony, pitch) == 0) {
            return pitch;
        }
    }
    return ES_SILENT;
}

static int climb_pitch(const es_part *part, const es_line *line, const es_harmony *harmony,
                       uint8_t tone)
{
    const int way = (tone == ES_TONE_UP) != (line->turned == tone) ? 1 : -1;

    if (line->last == ES_SILENT) {
        return next_tone(part, harmony, part->home - way, way);
    }
    const int ahead = next_tone(part, harmony, line->last, way);
    return ahead != ES_SILENT ? ahead : next_tone(part, harmony, line->last, -way);
}

/* What the tone of a hit says, its contour apart. */
static double asked_weight(const es_part *part, const es_action *action, const es_moment *moment,
                           const es_line *line, int pitch)
{
    const es_harmony *harmony = moment->harmony;

    switch (action->tone) {
    case ES_TONE_CHORD:
        return class_for(part, harmony, pitch) == 0;
    case ES_TONE_SCALE:
        return es_part_class(part->scale, harmony, pitch) <= 1;
    case ES_TONE_APPROACH:
        return es_part_class(part->scale, harmony, pitch) <= 1 || part->tone_weak[2] > 0;
    case ES_TONE_MEMBER: {
        /* Another octave is a way out, where the rules forbid the one that is meant. */
        const int pc = es_chord_member(harmony->chord, action->member);
        const int meant = pitch_of(part, harmony, pc, action->octave);
        return pitch == meant ? 1 : (pitch - meant) % 12 == 0 ? WAY_OUT : 0;
    }
    case ES_TONE_BASS: {
        const int meant = pitch_of(part, harmony, harmony->bass, action->octave);
        const bool is_bass = (pitch - meant) % 12 == 0;
        return !is_bass ? 0 : pitch == meant || action->octave == 0 ? 1 : WAY_OUT;
    }
    case ES_TONE_NEXT:
        if (action->member) {
            const int meant = pitch_of(part, moment->next, moment->next->bass, 0);
            return pitch == meant ? 1 : (pitch - meant) % 12 == 0 ? WAY_OUT : 0;
        }
        return class_for(part, moment->next, pitch) == 0;
    case ES_TONE_UP:
    case ES_TONE_DOWN:
        if (class_for(part, harmony, pitch) != 0) {
            return 0;
        }
        return pitch == climb_pitch(part, line, harmony, action->tone) ? 1 : WAY_OUT;
    case ES_TONE_REPEAT:
        return line->last == ES_SILENT ? by_class(part, moment, pitch) : pitch == line->last;
    default:
        return by_class(part, moment, pitch);
    }
}

static bool goes_right(const es_action *action, const es_line *line, int pitch)
{
    return action->contour == 0 || line->last == ES_SILENT ||
           (action->contour > 0 ? pitch > line->last : pitch < line->last);
}

double es_tone_weight(const es_part *part, const es_action *action, const es_moment *moment,
                      const es_line *line, int pitch)
{
    const double asked = asked_weight(part, action, moment, line, pitch);

    return goes_right(action, line, pitch) ? asked : asked * WAY_OUT;
}

/* Whether a tone asks for pitch classes alone, in any octave. */
static bool is_of_class(const es_action *action, const es_line *line)
{
    switch (action->tone) {
    case ES_TONE_MEMBER:
    case ES_TONE_BASS:
    case ES_TONE_UP:
    case ES_TONE_DOWN:
        return false;
    case ES_TONE_NEXT:
        return !action->member;
    case ES_TONE_REPEAT:
        return line->last == ES_SILENT;
    default:
        return true;
    }
}

void es_tones_find(es_tones *out, const es_part *part, const es_action *action,
                   const es_moment *moment, const es_line *line)
{
    const bool is_periodic = is_of_class(action, line);
    double asked[128];

    out->count = 0;
    for (int pitch = part->low; pitch <= part->high; pitch++) {
        asked[pitch] = is_periodic && pitch - 12 >= part->low
                           ? asked[pitch - 12]
                           : asked_weight(part, action, moment, line, pitch);
        if (asked[pitch] > 0) {
            out->pitch[out->count] = (uint8_t)pitch;
            out->weight[out->count++] =
                goes_right(action, line, pitch) ? asked[pitch] : asked[pitch] * WAY_OUT;
        }
    }
}

double es_tone_fit(const es_part *part, const es_action *action, const es_moment *moment,
                   const es_line *line, int pitch)
{
    const double asked =
        es_tone_is_single(action->tone) ? asked_weight(part, action, moment, line, pitch) : 1;

    return goes_right(action, line, pitch) ? asked : asked * WAY_OUT;
}

bool es_tone_looks_back(const es_action *action)
{
    return action->contour != 0 || action->tone == ES_TONE_REPEAT || action->tone == ES_TONE_UP ||
           action->tone == ES_TONE_DOWN;
}

bool es_tone_arrives(const es_line *line, const es_moment *moment, uint8_t tone, int pitch)
{
    const int move = abs(pitch - line->last);

    return !line->approaches ||
           ((move == 1 || move == 2) &&
            (tone == ES_TONE_APPROACH || es_harmony_class(moment->harmony, pitch) == 0));
}

void es_tone_struck(es_line *line, const es_part *part, const es_action *action, int pitch)
{
    const bool goes_back = (action->tone == ES_TONE_UP && line->move < 0) ||
                           (action->tone == ES_TONE_DOWN && line->move > 0);

    if (part->n_lines == 1 || !es_tone_is_single(action->tone)) {
        line->anchor = (int16_t)pitch;
    }
    line->approaches = action->tone == ES_TONE_APPROACH;
    line->turned = goes_back ? action->tone : 0;
}

double es_shape_weight(const es_line *line, int pitch)
{
    const int move = pitch - line->last, size = abs(move), before = abs(line->move);
    const bool same_way = move != 0 && (move > 0) == (line->move > 0);

    if (line->last == ES_SILENT || line->move == 0 || move == 0) {
        return 1;
    }
    if (before >= 5) {
        return same_way ? 0.4 : size <= 4 ? 2 : 1;
    }
    if (same_way) {
        return size <= 4 ? 1.7 : 1;
    }
    return size == before ? 0.6 : 1;
}

double es_shape_centre(const es_part *part, double place)
{
    const double height = (part->high - part->low) / 8.0;
    const double rise = place < 0.6 ? place / 0.6 : (1 - place) / 0.4;

    return part->home + height * (1.3 * rise - 0.5);
}

double es_pull(const es_part *part, double centre, int pitch)
{
    const double spread = (part->high - part->low) / 4.0;
    const double away = (pitch - centre) / (spread < 3 ? 3 : spread);

    return 1 / (1 + away * away);
}
