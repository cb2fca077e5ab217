/*
 * Instants of a phrase. All that can be known of a beat beforehand is computed once a phrase, so that an instant is a look-up.
 *
 * A dominant is a major V or a diminished vii, of the key or of a degree. Its numeral says so; without one it is told by what stands
 * a fifth or a semitone below it, and by a third that the key does not have.
 */
#include "gen/moment.h"

#include <string.h>

static bool is_diminished(es_chord chord)
{
    return chord.quality == ES_QUALITY_DIM || chord.quality == ES_QUALITY_HDIM7 ||
           chord.quality == ES_QUALITY_DIM7;
}

/* Whether a numeral's degree is `degree` ("V", "vii"), perhaps altered. */
static bool has_degree(const char *roman, const char *degree)
{
    const size_t length = strlen(degree);

    roman += *roman == 'b' || *roman == '#';
    return strncmp(roman, degree, length) == 0 &&
           strchr("IViv", roman[length] ? roman[length] : '-') == NULL;
}

static bool is_dominant(const es_harmony *harmony, const char *roman)
{
    const int third = es_chord_member(harmony->chord, 1);

    if (third != (harmony->chord.root + 4) % 12) {
        return false;
    }
    if (roman) {
        return has_degree(roman, "V");
    }
    return harmony->chord.quality == ES_QUALITY_DOM7 ||
           harmony->chord.root == (harmony->key.tonic + 7) % 12 ||
           !(es_key_set(harmony->key) >> third & 1);
}

static void find_leading_tone(es_harmony *out, const char *roman)
{
    out->leading = -1;
    out->wants = -1;
    if (es_chord_size(out->chord) < 3) {
        return;
    }
    if (is_dominant(out, roman)) {
        out->leading = (int8_t)es_chord_member(out->chord, 1);
        out->wants = (int8_t)((out->chord.root + 5) % 12);
    } else if (is_diminished(out->chord) && (!roman || has_degree(roman, "vii"))) {
        out->leading = (int8_t)out->chord.root;
        out->wants = (int8_t)((out->chord.root + 1) % 12);
    }
}

void es_harmony_prepare(es_harmony *out, es_key key, es_chord chord, const char *roman)
{
    out->key = key;
    out->chord = chord;
    out->upper_set = es_chord_set(chord);
    out->scale_set = es_scale_set(key, chord);
    memset(out->member, 0, sizeof out->member);
    for (int k = 0; k < es_chord_size(chord); k++) {
        out->member[es_chord_member(chord, k)] = (uint8_t)(1u << k);
    }
    find_leading_tone(out, roman);
    if (out->leading >= 0) {
        out->member[out->leading] |= 1u << ES_LEADING_BIT;
    }
    out->bass = (int8_t)es_chord_bass(chord);
    if (out->upper_set == 0) {
        out->upper_set = out->scale_set;
    }
    out->chord_set = (uint16_t)(out->upper_set | (chord.slash ? 1u << out->bass : 0));
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
        beat->leading = to.root == before->wants && es_chord_size(to) > 0 ? before->leading : -1;
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

static void find_next_chords(es_beats *out)
{
    const uint32_t last = out->has_next ? out->n : out->n - 1;

    out->beats[out->n].next = (uint16_t)out->n;
    out->beats[last].next = (uint16_t)last;
    for (uint32_t b = last; b-- > 0;) {
        out->beats[b].next = out->beats[b + 1].changes ? (uint16_t)(b + 1) : out->beats[b + 1].next;
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
        const es_plan_bar *bar = &phrase->bar[b < out->n ? b / out->per_bar : 0];
        const uint32_t in_bar = b % out->per_bar;
        const bool is_next = b == out->n;
        const es_chord chord = is_next ? phrase->next_chord : bar->chord[in_bar];
        if (b > 0 && !is_next && !bar->chord_starts[in_bar] &&
            es_chord_equal(chord, out->beats[b - 1].harmony.chord)) {
            beat->harmony = out->beats[b - 1].harmony;
        } else {
            es_harmony_prepare(&beat->harmony, phrase->key, chord,
                               is_next ? NULL : bar->roman[in_bar]);
        }
        beat->scopes = 1u << ES_SCOPE_EVERYWHERE;
        link(beat, b > 0 ? &out->beats[b - 1].harmony : before);
    }
    mark_ending(out);
    find_next_chords(out);
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
    out->next = &beats->beats[beat->next].harmony;
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
