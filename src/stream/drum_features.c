/*
 * What a net sees of a stream of drums. Drummers repeat bars and vary them, so most of it is what stood at this place 1, 2, 4
 * and 8 bars ago, whether the lanes drawn so far agree with that, and how long each lane has been silent.
 *
 * Order and number of fields and terms depend on the coding and on the kind of choice alone, never on the state: a term that
 * does not apply is left out, but its raw logits keep their places.
 */
#include "stream/drum_history.h"
#include "stream/values.h"

#include <string.h>

/* Values of a verdict on an earlier place: are the lanes decided so far as they were there? */
enum { NOT_THERE, AGREES, DIFFERS, VERDICTS };

enum {
    USUAL_FEW = 4,
    USUAL_SHARES = 9,
    USUAL_ROWS = (USUAL_FEW + 1) * (USUAL_FEW + 2) / 2 + USUAL_SHARES
};

enum { LAST_KIND = ES_DRUM_HIDDEN + 1, PHRASE_BARS = 8, PHRASES = 4 };

static int verdict(const es_drum_stream *s, const uint8_t *hit, bool is_known)
{
    if (!is_known) {
        return NOT_THERE;
    }
    return memcmp(es_drum_open(s)->hit, hit, s->n_decided) == 0 ? AGREES : DIFFERS;
}

static const es_drum_instant *joint_of(const es_drum_stream *s)
{
    return s->joint < 0 ? NULL : &s->instants[s->joint];
}

static int joint_verdict(const es_drum_stream *s)
{
    const es_drum_instant *there = joint_of(s);

    return there ? verdict(s, there->hit, true) : NOT_THERE;
}

/* Index of a term's raw logit: how long the past agrees, and whether the present does so far. */
static int joint_row(const es_drum_stream *s)
{
    return (joint_verdict(s) == DIFFERS ? (int)ES_N_LENGTHS : 0) +
           es_length_bucket(s->joint_length);
}

/* How many of the last bars did something here: the number itself where few are known, else the share of them. */
static int usual_row(const es_drum_stream *s, int count)
{
    const int n = s->usual.n_bars;

    return n <= USUAL_FEW ? n * (n + 1) / 2 + count
                          : USUAL_FEW * (USUAL_FEW + 1) / 2 + USUAL_FEW + 1 +
                                (count * (USUAL_SHARES - 1) + n / 2) / n;
}

static int steps_left(const es_drum_stream *s)
{
    return s->beat_steps - es_drum_open(s)->place;
}

/* Place in the bar and in phrases of 4, 8 and more bars; and the plan. */
static void add_place(es_features *out, const es_drum_stream *s, const es_drum_instant *now)
{
    es_add_field(out, es_clamp(now->in_bar, 0, ES_DRUM_BAR_STEPS - 1), ES_DRUM_BAR_STEPS);
    es_add_field(out, now->place, s->coding.max_step);
    es_add_field(out, (int)(now->bar % 4), 4);
    es_add_field(out, (int)(now->bar % PHRASE_BARS), PHRASE_BARS);
    es_add_field(out, es_clamp((int)(now->bar / PHRASE_BARS), 0, PHRASES - 1), PHRASES);
    es_add_field(out, s->meter_token, ES_METERS);
    es_add_field(out, s->family, ES_FAMILIES + 1);
    es_add_field(out, now->kind, LAST_KIND);
}

/* ---- events ---- */

void es_drum_features_event(es_features *out, const es_drum_stream *s, const es_drum_instant *now,
                            const es_drum_instant *before)
{
    for (int k = 0; k < ES_KIT_LANES; k++) {
        es_add_field(out, now->hit[k], es_kit_candidates(k));
        es_add_field(out, now->last[k] ? es_hold_bucket(now->since[k]) : 0, ES_N_HOLDS);
    }
    add_place(out, s, now);
    es_add_field(out, now->length ? now->length - 1 : 0, s->coding.max_step);
    es_add_field(out, before ? before->length : 0, s->coding.max_step + 1);
    es_add_field(out, es_length_bucket(s->joint_length), ES_N_LENGTHS);
    for (int i = 0; i < ES_DRUM_LOOK_BACKS; i++) {
        const es_drum_back *back = &s->back[i];
        const bool is_same = memcmp(now->hit, back->hit, sizeof now->hit) == 0;
        es_add_field(out, !back->is_known ? NOT_THERE : is_same ? AGREES : DIFFERS, VERDICTS);
    }
}

/* ---- lanes ---- */

static void add_lane_past(es_features *out, const es_drum_stream *s, int k)
{
    const es_drum_instant *now = es_drum_open(s);
    const int size = es_kit_candidates(k);

    es_add_field(out, now->last[k], size);
    es_add_field(out, now->last[k] ? es_hold_bucket(now->since[k]) : 0, ES_N_HOLDS);
    es_add_field(out, now->earlier[k], size);
    es_add_field(out, now->earlier[k] ? es_hold_bucket(now->gap[k]) : 0, ES_N_HOLDS);
}

/* Nothing was hit in all other lanes, and off the beat something has to be. */
static bool must_hit(const es_drum_stream *s)
{
    static const uint8_t nothing[ES_KIT_LANES] = {0};
    const es_drum_instant *now = es_drum_open(s);

    return now->place > 0 && s->n_decided == ES_KIT_LANES - 1 &&
           memcmp(now->hit, nothing, s->n_decided) == 0;
}

static void add_lane(es_features *out, const es_drum_stream *s)
{
    const int k = s->n_decided;
    const int size = es_kit_candidates(k);
    const es_drum_instant *now = es_drum_open(s);
    const es_drum_instant *before = es_drum_before(s);
    const es_drum_instant *joint = joint_of(s);

    add_place(out, s, now);
    for (int j = 0; j < ES_KIT_LANES; j++) {
        if (j < k) {
            es_add_field(out, now->hit[j], es_kit_candidates(j));
        }
        es_add_field(out, before ? before->hit[j] : 0, es_kit_candidates(j));
    }
    es_add_field(out, before ? before->length : 0, s->coding.max_step + 1);
    add_lane_past(out, s, k);
    es_add_field(out, joint ? joint->hit[k] + 1 : 0, size + 1);
    es_add_field(out, joint_row(s), 2 * ES_N_LENGTHS);
    for (int i = 0; i < ES_DRUM_LOOK_BACKS; i++) {
        const es_drum_back *back = &s->back[i];
        const int so_far = verdict(s, back->hit, back->is_known);
        es_add_field(out, back->is_known ? back->hit[k] + 1 : 0, size + 1);
        es_add_field(out, so_far, VERDICTS);
    }
    for (int j = k; j < ES_KIT_LANES; j++) {
        es_add_field(out, usual_row(s, s->usual.n_hit[j]), USUAL_ROWS);
    }
    es_add_field(out, s->usual.hit[k], size);
    es_add_field(out, must_hit(s), 2);

    es_add_term(out, true, ES_TERM_DIRECT, size, 0, 0);
    es_add_term(out, s->usual.n_bars > 0, ES_TERM_ONE, USUAL_ROWS, usual_row(s, s->usual.n_hit[k]),
                s->usual.hit[k]);
    es_add_term(out, joint, ES_TERM_ONE, 2 * ES_N_LENGTHS, joint_row(s), joint ? joint->hit[k] : 0);
    for (int i = 0; i < ES_DRUM_LOOK_BACKS; i++) {
        const es_drum_back *back = &s->back[i];
        es_add_term(out, back->is_known, ES_TERM_ONE, VERDICTS,
                    verdict(s, back->hit, back->is_known), back->hit[k]);
    }
}

/* ---- step ---- */

static void add_step(es_features *out, const es_drum_stream *s)
{
    const int size = s->coding.max_step;
    const es_drum_instant *now = es_drum_open(s);
    const es_drum_instant *before = es_drum_before(s);
    const es_drum_instant *joint = joint_of(s);
    const es_drum_usual *usual = &s->usual;
    const int told = joint ? joint->length : 0;

    add_place(out, s, now);
    es_add_field(out, steps_left(s) - 1, size);
    es_add_field(out, before ? before->length : 0, size + 1);
    es_add_field(out, told, size + 1);
    es_add_field(out, joint_row(s), 2 * ES_N_LENGTHS);
    for (int k = 0; k < ES_KIT_LANES; k++) {
        es_add_field(out, now->hit[k], es_kit_candidates(k));
    }
    for (int i = 0; i < ES_DRUM_LOOK_BACKS; i++) {
        const es_drum_back *back = &s->back[i];
        es_add_field(out, back->length, size + 1);
        es_add_field(out, verdict(s, back->hit, back->is_known), VERDICTS);
    }
    es_add_field(out, usual->length, size + 1);
    es_add_field(out, usual_row(s, usual->n_length), USUAL_ROWS);
    es_add_field(out, usual->soonest, size + 1);

    es_add_term(out, true, ES_TERM_DIRECT, size, 0, 0);
    es_add_term(out, usual->length > 0 && usual->length <= steps_left(s), ES_TERM_ONE, USUAL_ROWS,
                usual_row(s, usual->n_length), usual->length - 1);
    es_add_term(out, told > 0 && told <= steps_left(s), ES_TERM_ONE, 2 * ES_N_LENGTHS, joint_row(s),
                told - 1);
    for (int i = 0; i < ES_DRUM_LOOK_BACKS; i++) {
        const es_drum_back *back = &s->back[i];
        es_add_term(out, back->length > 0 && back->length <= steps_left(s), ES_TERM_ONE, VERDICTS,
                    verdict(s, back->hit, back->is_known), back->length - 1);
    }
}

/* ---- plan ---- */

static void add_kind(es_features *out, const es_drum_stream *s)
{
    const es_drum_instant *before = es_drum_before(s);

    add_place(out, s, es_drum_open(s));
    es_add_field(out, before ? before->kind : (int)ES_DRUM_HIDDEN, LAST_KIND);
    es_add_field(out, es_length_bucket(s->joint_length), ES_N_LENGTHS);
    es_add_term(out, true, ES_TERM_DIRECT, ES_DRUM_KINDS, 0, 0);
}

void es_drum_features_choice(es_features *out, const es_drum_stream *s)
{
    switch (s->stage) {
    case ES_DRUM_FAMILY:
        es_add_field(out, 0, 1);
        es_add_term(out, true, ES_TERM_DIRECT, ES_FAMILIES, 0, 0);
        break;
    case ES_DRUM_METER:
        es_add_field(out, s->family, ES_FAMILIES + 1);
        es_add_term(out, true, ES_TERM_DIRECT, ES_METERS, 0, 0);
        break;
    case ES_DRUM_KIND:
        add_kind(out, s);
        break;
    case ES_DRUM_STEP:
        add_step(out, s);
        break;
    default:
        add_lane(out, s);
    }
}

uint16_t es_drum_features_candidates(const es_drum_stream *s)
{
    switch (s->stage) {
    case ES_DRUM_FAMILY:
        return ES_FAMILIES;
    case ES_DRUM_METER:
        return ES_METERS;
    case ES_DRUM_KIND:
        return es_drum_before(s) ? ES_DRUM_KINDS : ES_DRUM_END;
    case ES_DRUM_STEP:
        return (uint16_t)steps_left(s);
    default:
        return (uint16_t)es_kit_candidates(s->n_decided);
    }
}
