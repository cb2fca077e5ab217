/*
 * Features of events, of the plan's choices and of the steps; those of voices have a file of their own. The shape of a net is found by
 * describing an empty stream with them: there is no second list of fields.
 *
 * Order and number of fields and terms depend on the coding and on the kind of choice alone, never on the state: a term that
 * does not apply is left out, but its raw logits keep their places.
 */
#include "stream/features.h"
#include "stream/match.h"
#include "stream/values.h"

/* ---- events ---- */

void es_features_event(es_features *out, const es_stream *s, const es_instant *now,
                       const es_instant *before)
{
    const int n = s->coding.n_voices;
    const uint8_t bass = now->pitch[n - 1];

    for (int v = 0; v < n; v++) {
        const uint8_t was = before ? before->pitch[v] : (uint8_t)ES_SILENT;
        const uint8_t last = before ? before->last[v] : (uint8_t)ES_SILENT;
        es_add_field(out, es_pitch_value(s, v, now->pitch[v]), es_range_of(s, v) + 1);
        es_add_field(out, es_interval_value(now->change[v], now->pitch[v], was, last),
                     ES_N_INTERVALS);
        es_add_field(out, es_hold_bucket(now->step - es_note_at(s, now, v)->step), ES_N_HOLDS);
        for (int u = v + 1; u < n; u++) {
            es_add_field(out, es_class_between(now->pitch[v], now->pitch[u]), ES_NO_REFERENCE + 1);
        }
    }
    es_add_tonality(out, now, bass);
    es_add_time(out, s, now);
    es_add_field(out, now->length ? now->length - 1 : 0, s->coding.max_step);
    es_add_field(out, before ? before->length : 0, s->coding.max_step + 1);
    es_add_field(out, es_length_bucket(s->joint_length), ES_N_LENGTHS);
    es_add_field(out, s->key_token, ES_KEYS + 1);
    es_add_field(out, now->chord.root, ES_ROOT_HIDDEN + 1);
    es_add_chord(out, now->chord, es_tonic_of(s));
    es_add_chord(out, now->next, es_tonic_of(s));
}

/* ---- step ---- */

static int steps_left(const es_stream *s)
{
    return s->beat_steps - es_open(s)->place;
}

static void add_step(es_features *out, const es_stream *s)
{
    const int n = s->coding.n_voices;
    const int size = s->coding.max_step;
    const es_instant *now = es_open(s);
    const es_instant *before = es_before(s);
    const int told = s->joint == ES_NOWHERE ? 0 : s->instants[s->joint].length;
    const int row = es_joint_is_right(s) ? 0 : 1;
    int soonest = ES_MATCH_LONGEST * 1000;
    int trust = 0;

    es_add_time(out, s, now);
    es_add_field(out, steps_left(s) - 1, size);
    es_add_field(out, before ? before->length : 0, size + 1);
    es_add_field(out, told, size + 1);
    es_add_field(out, row * ES_N_LENGTHS + es_length_bucket(s->joint_length), 2 * ES_N_LENGTHS);
    for (int i = 0; i < ES_LOOK_BACKS && s->coding.has_bars; i++) {
        es_add_field(out, s->back_step[i], size + 1);
    }
    for (int v = 0; v < n; v++) {
        const es_foretold own = es_match_voice(s, v, false);
        const int wait = es_clamp(own.wait, 0, size + 1);
        es_add_field(out, es_hold_bucket(es_held_steps(s, v)), ES_N_HOLDS);
        es_add_field(out, now->change[v], 4);
        es_add_field(out, now->pitch[v] == ES_SILENT, 2);
        es_add_field(out, own.length ? wait : 0, size + 2);
        es_add_field(out, es_length_bucket(own.length), ES_N_LENGTHS);
        if (own.length && own.wait < soonest) {
            soonest = own.wait;
            trust = own.length;
        }
    }
    es_add_field(
        out, now->pitch[0] == ES_SILENT ? es_range_of(s, 0) : es_pitch_value(s, 0, now->pitch[0]),
        es_range_of(s, 0) + 1);
    es_add_chord(out, now->chord, es_tonic_of(s));
    es_add_chord(out, now->next, es_tonic_of(s));

    es_add_term(out, true, ES_TERM_DIRECT, size, 0, 0);
    es_add_term(out, told > 0 && told <= steps_left(s), ES_TERM_ONE, 2 * ES_N_LENGTHS,
                row * ES_N_LENGTHS + es_length_bucket(s->joint_length), told - 1);
    es_add_term(out, trust > 0, ES_TERM_ONE, ES_N_LENGTHS, es_length_bucket(trust),
                es_clamp(soonest, 1, steps_left(s)) - 1);
}

/* ---- plan ---- */

static void add_sounding(es_features *out, const es_stream *s)
{
    for (int v = 0; v < s->coding.n_voices; v++) {
        es_add_field(out, es_pitch_value(s, v, es_pitch_before(s, v)), es_range_of(s, v) + 1);
    }
}

/* The chord that the joint match foretells for where this one is drawn. */
static es_chord_token told_chord(const es_stream *s)
{
    if (s->joint == ES_NOWHERE || s->is_first) {
        return (es_chord_token){.root = ES_ROOT_HIDDEN};
    }
    return s->instants[s->joint].next;
}

static void add_plan(es_features *out, const es_stream *s)
{
    const es_instant *now = es_open(s);
    const es_instant *before = es_before(s);
    const es_chord_token none = {.root = ES_ROOT_HIDDEN};
    const es_chord_token past = before ? before->chord : none;
    const es_chord_token present = s->is_first ? none : now->chord;
    const es_chord_token told = told_chord(s);
    const int trust = es_length_bucket(s->joint_length);
    const int tonic = es_tonic_of(s);

    es_add_time(out, s, now);
    es_add_field(out, s->key_token, ES_KEYS + 1);
    es_add_chord(out, past, tonic);
    es_add_chord(out, present, tonic);
    es_add_chord(out, told, tonic);
    es_add_field(out, trust, ES_N_LENGTHS);
    add_sounding(out, s);
    if (s->stage == ES_SLOT_ROOT) {
        es_add_term(out, true, ES_TERM_DIRECT, ES_ROOT_END + 1, 0, 0);
        es_add_term(out, tonic >= 0, ES_TERM_MOD12, 12, 0, tonic);
        es_add_term(out, present.root < 12, ES_TERM_MOD12, 12, 0, present.root);
        es_add_term(out, told.root <= ES_ROOT_END, ES_TERM_ONE, ES_N_LENGTHS, trust, told.root);
        return;
    }
    es_add_field(out, es_relative_root(s->drawn, tonic), ES_N_RELATIVE);
    es_add_field(out, es_relative_root(s->drawn, present.root < 12 ? present.root : -1),
                 ES_N_RELATIVE);
    if (s->stage == ES_SLOT_QUALITY) {
        es_add_term(out, true, ES_TERM_DIRECT, ES_QUALITY_UNKNOWN, 0, 0);
        es_add_term(out, told.root < 12 && told.root == s->drawn.root, ES_TERM_ONE, ES_N_LENGTHS,
                    trust, told.quality);
        return;
    }
    es_add_field(out, s->drawn.quality, ES_QUALITY_COUNT);
    es_add_term(out, true, ES_TERM_DIRECT, 4, 0, 0);
    es_add_term(out,
                told.root == s->drawn.root && told.quality == s->drawn.quality &&
                    told.bass < es_features_candidates(s),
                ES_TERM_ONE, ES_N_LENGTHS, trust, told.bass);
}

void es_features_choice(es_features *out, const es_stream *s)
{
    switch (s->stage) {
    case ES_SLOT_KEY:
        es_add_field(out, 0, 1);
        es_add_term(out, true, ES_TERM_DIRECT, ES_KEYS, 0, 0);
        break;
    case ES_SLOT_METER:
        es_add_field(out, s->key_token < ES_KEYS ? s->key_token / 12 : 0, ES_TOLD_MODES);
        es_add_term(out, true, ES_TERM_DIRECT, ES_METERS, 0, 0);
        break;
    case ES_SLOT_ROOT:
    case ES_SLOT_QUALITY:
    case ES_SLOT_BASS:
        add_plan(out, s);
        break;
    case ES_SLOT_STEP:
        add_step(out, s);
        break;
    default:
        es_features_voice(out, s);
    }
}

uint16_t es_features_candidates(const es_stream *s)
{
    switch (s->stage) {
    case ES_SLOT_KEY:
        return ES_KEYS;
    case ES_SLOT_METER:
        return ES_METERS;
    case ES_SLOT_ROOT:
        return s->is_first ? ES_ROOT_END : ES_ROOT_END + 1;
    case ES_SLOT_QUALITY:
        return ES_QUALITY_UNKNOWN;
    case ES_SLOT_BASS: {
        const int size =
            es_chord_size((es_chord){.root = s->drawn.root, .quality = s->drawn.quality});
        return (uint16_t)(size > 0 ? size : 1);
    }
    case ES_SLOT_STEP:
        return (uint16_t)steps_left(s);
    default: {
        const int v = es_drawing_order(s->coding.n_voices, s->n_decided);
        const bool restrike = s->coding.has_onsets && es_pitch_before(s, v) != ES_SILENT;
        return (uint16_t)(es_range_of(s, v) + 1 + restrike);
    }
    }
}

/* ---- the shape: what an empty piece shows ---- */

static void count_candidates(const es_coding *coding, int slot, es_slot_shape *shape)
{
    const int voice = es_drawing_order(coding->n_voices, slot - ES_SLOT_VOICE);
    const uint16_t plan[ES_SLOT_STEP] = {ES_KEYS, ES_METERS, ES_ROOT_END + 1, ES_QUALITY_UNKNOWN,
                                         4};

    if (slot < ES_SLOT_STEP) {
        shape->n_candidates = plan[slot];
        shape->n_ordered = slot == ES_SLOT_ROOT ? 12 : 0;
    } else if (slot == ES_SLOT_STEP) {
        shape->n_candidates = coding->max_step;
    } else {
        shape->n_candidates = (uint16_t)(es_voice_restrike(coding, voice) + 1);
        shape->n_ordered = (uint16_t)es_voice_silence(coding, voice);
    }
}

void es_coding_shape(const es_coding *coding, es_net_shape *shape)
{
    es_instant open = {.chord = {.root = ES_ROOT_HIDDEN}, .next = {.root = ES_ROOT_HIDDEN}};
    es_voice_note silence[ES_MAX_VOICES];
    es_stream stream = {.coding = *coding,
                        .instants = &open,
                        .beat_steps = 1,
                        .key_token = ES_KEYS,
                        .joint = ES_NOWHERE,
                        .drawn = {.root = ES_ROOT_HIDDEN}};
    es_features event = {.size = shape->field_size};

    for (int v = 0; v < ES_MAX_VOICES; v++) {
        silence[v] = (es_voice_note){.pitch = ES_SILENT};
        stream.notes[v] = &silence[v];
        stream.n_notes[v] = 1;
        open.pitch[v] = open.last[v] = ES_SILENT;
    }
    es_features_event(&event, &stream, &open, NULL);
    shape->n_fields = event.n_fields;
    shape->n_slots = (uint16_t)(ES_SLOT_VOICE + coding->n_voices);
    for (int i = 0; i < shape->n_slots; i++) {
        es_slot_shape *slot = &shape->slot[i];
        es_features choice = {.size = slot->field_size};
        stream.stage = (uint8_t)(i < ES_SLOT_VOICE ? i : ES_SLOT_VOICE);
        stream.n_decided = (uint8_t)(i < ES_SLOT_VOICE ? 0 : i - ES_SLOT_VOICE);
        es_features_choice(&choice, &stream);
        slot->n_fields = choice.n_fields;
        slot->n_raw = choice.n_raw;
        count_candidates(coding, i, slot);
    }
}
