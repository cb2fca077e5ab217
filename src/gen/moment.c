/*
 * Instants of a phrase. All that can be known of a beat beforehand is computed once a phrase, so that an instant is a look-up.
 *
 * A dominant is told by its root and third against the chord after it: V or V7, a secondary V7, or a diminished chord on the
 * leading tone. Its leading tone is a semitone below the root of the chord that follows.
 */
#include "gen/moment.h"

#include <string.h>

void es_harmony_prepare(es_harmony *out, es_key key, es_chord chord)
{
    out->key = key;
    out->chord = chord;
    out->chord_set = es_chord_set(chord);
    out->scale_set = es_scale_set(key, chord);
    memset(out->member, 0, sizeof out->member);
    for (int k = 0; k < es_chord_size(chord); k++) {
        out->member[es_chord_member(chord, k)] = (uint8_t)(1u << k);
    }
    out->member[es_key_leading_tone(key)] |= 1u << ES_LEADING_BIT;
    out->bass = (int8_t)es_chord_member(chord, chord.bass);
    if (out->chord_set == 0) {
        out->chord_set = out->scale_set;
    }
}

static bool is_diminished(es_chord chord)
{
    return chord.quality == ES_QUALITY_DIM || chord.quality == ES_QUALITY_HDIM7 ||
           chord.quality == ES_QUALITY_DIM7;
}

/* The leading tone that a chord brings to the root of the next, or -1. */
static int leading_tone(const es_harmony *from, es_chord to)
{
    const int below = (to.root + 11) % 12;
    const bool is_fifth_above = from->chord.root == (to.root + 7) % 12;

    if (es_chord_size(to) == 0) {
        return -1;
    }
    if (is_fifth_above && from->chord.quality == ES_QUALITY_DOM7) {
        return below;
    }
    if (is_fifth_above && from->chord.quality == ES_QUALITY_MAJ && to.root == from->key.tonic) {
        return below;
    }
    return from->chord.root == below && is_diminished(from->chord) ? below : -1;
}

static void link(es_beat *beat, const es_harmony *before)
{
    beat->changes = true;
    beat->leading = -1;
    beat->seventh = -1;
    if (!before) {
        return;
    }
    const es_chord from = before->chord, to = beat->harmony.chord;
    beat->changes = from.root != to.root || from.quality != to.quality;
    if (beat->changes) {
        beat->leading = (int8_t)leading_tone(before, to);
        beat->seventh = (int8_t)es_chord_member(from, 3);
    }
}

/* Scopes of the beats at the end: the last two chords of a cadence, the last chord of the piece. */
static void mark_ending(es_beats *out)
{
    const es_plan_phrase *phrase = out->phrase;
    int chords = 0;

    for (uint32_t b = out->n; b-- > 0 && chords < 2;) {
        if (phrase->cadence != ES_CADENCE_OPEN) {
            out->beats[b].scopes |= 1u << ES_SCOPE_CADENCE;
        }
        if (phrase->is_last && chords == 0) {
            out->beats[b].scopes |= 1u << ES_SCOPE_END;
        }
        chords += phrase->bar[b / out->per_bar].chord_starts[b % out->per_bar];
    }
}

void es_beats_lay(es_beats *out, const es_plan_phrase *phrase, es_tick start,
                  const es_harmony *before)
{
    out->phrase = phrase;
    out->meter = phrase->bar[0].meter;
    out->start = start;
    out->bar = es_meter_bar(out->meter);
    out->beat = es_meter_beat(out->meter);
    out->per_bar = (uint32_t)es_meter_beats(out->meter);
    out->n = out->per_bar * phrase->n_bars;
    out->end = start + out->bar * phrase->n_bars;
    out->has_next = !phrase->is_last && es_chord_size(phrase->next_chord) > 0;
    for (uint32_t b = 0; b <= out->n; b++) {
        es_beat *beat = &out->beats[b];
        const es_chord chord =
            b < out->n ? phrase->bar[b / out->per_bar].chord[b % out->per_bar] : phrase->next_chord;
        if (b > 0 && es_chord_equal(chord, out->beats[b - 1].harmony.chord)) {
            beat->harmony = out->beats[b - 1].harmony;
        } else {
            es_harmony_prepare(&beat->harmony, phrase->key, chord);
        }
        beat->scopes = 1u << ES_SCOPE_EVERYWHERE;
        link(beat, b > 0 ? &out->beats[b - 1].harmony : before);
    }
    mark_ending(out);
}

void es_moment_at(es_moment *out, const es_beats *beats, es_tick tick)
{
    const es_tick in_phrase = tick - beats->start;
    const es_tick bar = in_phrase / beats->bar;
    const es_tick in_bar = in_phrase - bar * beats->bar;
    const es_tick in_bar_beat = in_bar / beats->beat;
    const es_beat *beat = &beats->beats[bar * (es_tick)beats->per_bar + in_bar_beat];

    out->tick = tick;
    out->in_bar = in_bar;
    out->bar = (uint16_t)bar;
    out->strength = (int8_t)es_meter_strength(beats->meter, in_bar);
    out->is_beat = in_bar_beat * beats->beat == in_bar;
    out->is_seam = tick == beats->start || tick == beats->end;
    out->harmony = &beat->harmony;
    out->scopes = beat->scopes;
    out->changes = out->is_beat && beat->changes;
    out->leading = -1;
    out->seventh = -1;
    if (out->is_beat) {
        out->leading = beat->leading;
        out->seventh = beat->seventh;
        out->scopes |= 1u << ES_SCOPE_BEATS;
        if (out->strength >= 2) {
            out->scopes |= 1u << ES_SCOPE_STRONG;
        }
        if (in_bar == 0) {
            out->scopes |= 1u << ES_SCOPE_DOWNBEAT;
        }
    }
}

es_tick es_beats_next(const es_beats *beats, es_tick tick)
{
    const es_tick in_phrase = tick - beats->start;
    const es_tick bar = in_phrase / beats->bar;
    const es_tick next = ((in_phrase - bar * beats->bar) / beats->beat + 1) * beats->beat;

    return beats->start + bar * beats->bar + (next > beats->bar ? beats->bar : next);
}
