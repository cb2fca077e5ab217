/**
 * @file toy_count.h
 * Counting through what a composer of two voices can do, with the exact probability of each piece, and drawing against it.
 *
 * It shares nothing with the composer: it walks through all that can happen, instant by instant, with plain loops over pitches, and
 * tries each rule by its words. With a model it asks the net itself, through a stream of its own. Include after cmocka.h.
 */
#ifndef ES_TEST_TOY_COUNT_H
#define ES_TEST_TOY_COUNT_H

#include "gen/engine.h"
#include "toy_style.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_PIECES = 1 << 18, MOST_PLACES = 8 };

/** A piece and its exact probability. */
typedef struct piece {
    uint64_t key; /* Four bits a place and voice: 0 = nothing begins, else pitch - low + 1. */
    double p;
    uint32_t drawn;
} piece;

/** Where the counting stands. */
typedef struct count {
    const toy_style *toy;
    double chord_weight[2][3]; /* Tone weights on and off the beat, as the counting believes. */
    bool missing_third;
    int leap[2], repeat;
    double no_unison, no_foreign;
    es_tick grid, beat;
    int beats;
    int low[2], high[2];
    const es_model *model; /* NULL: by weights. */
    double exponent;
    es_stream *stream;
    es_net_run *run;
    piece *pieces;
    size_t n;
} count;

typedef struct voice {
    int pitch, repeats;
} voice;

typedef struct state {
    voice v[2];
} state;

static inline bool in_chord(const count *c, int beat, int pitch)
{
    const es_chord chord =
        beat < c->beats ? c->toy->phrase.bar[0].chord[beat] : c->toy->phrase.next_chord;

    for (int k = 0; k < 3; k++) {
        if (pitch % 12 == es_chord_member(chord, k)) {
            return true;
        }
    }
    return false;
}

static inline bool is_third(const count *c, int beat, int pitch)
{
    const es_chord chord =
        beat < c->beats ? c->toy->phrase.bar[0].chord[beat] : c->toy->phrase.next_chord;
    return pitch % 12 == es_chord_member(chord, 1);
}

static inline bool in_scale(int pitch)
{
    return 0xab5 >> pitch % 12 & 1;
}

static inline double tone(const count *c, es_tick t, int pitch)
{
    const int beat = (int)(t / c->beat);
    const double *w = c->chord_weight[t % c->beat != 0];

    return in_chord(c, beat, pitch) ? w[0] : in_scale(pitch) ? w[1] : w[2];
}

static inline double move_weight(const count *c, int part, int from, int to)
{
    const int size = abs(to - from);

    return from < 0 || c->model ? 1 : size > 12 ? 0 : c->toy->style.parts[part].move[size];
}

static inline double pull(const count *c, int part, int pitch)
{
    const es_part *p = &c->toy->style.parts[part];
    double spread = (p->high - p->low) / 4.0;

    spread = spread < 3 ? 3 : spread;
    const double x = (pitch - p->home) / spread;
    return 1 / (1 + x * x);
}

/* Voice `part` goes from where it is to `to` (strikes) or stays. */
static inline bool voice_ok(const count *c, int part, const voice *v, es_tick t, int to,
                            bool strikes)
{
    const es_part *p = &c->toy->style.parts[part];

    if (!strikes) {
        return v->pitch >= 0;
    }
    if (to < p->low || to > p->high || !(tone(c, t, to) > 0)) {
        return false;
    }
    if (v->pitch < 0) {
        return true;
    }
    const int move = abs(to - v->pitch);
    if (move > c->leap[part] || (move == 0 && v->repeats + 1 > c->repeat)) {
        return false;
    }
    return move != 0 || t % c->beat == 0;
}

static inline bool pair_ok(const state *s, int u, int l)
{
    const int u0 = s->v[0].pitch, l0 = s->v[1].pitch;

    if (u < l) {
        return false;
    }
    if (u0 >= 0 && l0 >= 0 && u != u0 && l != l0) {
        const int before = (u0 - l0) % 12, after = (u - l) % 12;
        return !(before == after && (after == 0 || after == 7));
    }
    return true;
}

static inline bool chord_ok(const count *c, es_tick t, int u, int l)
{
    const int beat = (int)(t / c->beat);

    return !c->missing_third || t % c->beat != 0 || is_third(c, beat, u) || is_third(c, beat, l);
}

static inline state after(const state *s, const int *to, const bool *strikes)
{
    state out = *s;

    for (int part = 0; part < 2; part++) {
        voice *v = &out.v[part];
        if (strikes[part]) {
            v->repeats = v->pitch == to[part] ? v->repeats + 1 : 1;
            v->pitch = to[part];
        }
    }
    return out;
}

static inline double onset(const count *c, int part, es_tick t)
{
    const int strength = es_meter_strength(c->toy->style.meter, t % (c->beat * c->beats));

    return t % c->grid ? 0 : c->toy->style.parts[part].onset[strength > 0 ? 3 - strength : 3];
}

/* A successor at the next beat; loose: as if other notes came between. */
static inline bool has_successor(const count *c, const state *s, es_tick t, bool loose)
{
    const es_tick y = (t / c->beat + 1) * c->beat;
    const bool is_end = y == c->beat * c->beats;
    state from = *s;

    if (loose && t + c->grid < y) {
        from.v[0] = from.v[1] = (voice){.pitch = -1};
    }
    for (int u = c->low[0]; u <= c->high[0]; u++) {
        for (int l = c->low[1]; l <= c->high[1]; l++) {
            for (int acts = 0; acts < 4; acts++) {
                const bool su = acts & 1, sl = acts & 2;
                if ((is_end && acts != 3) || (!su && u != from.v[0].pitch) ||
                    (!sl && l != from.v[1].pitch)) {
                    continue;
                }
                if (voice_ok(c, 0, &from.v[0], y, u, su) && voice_ok(c, 1, &from.v[1], y, l, sl) &&
                    (!su || move_weight(c, 0, from.v[0].pitch, u) > 0) &&
                    (!sl || move_weight(c, 1, from.v[1].pitch, l) > 0) && pair_ok(&from, u, l) &&
                    chord_ok(c, y, u, l)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static inline double pitch_weight(const count *c, int part, const state *s, es_tick t, int to,
                                  bool strikes)
{
    const bool foreign = !in_chord(c, (int)(t / c->beat), to);
    double w = 1;

    if (strikes) {
        w = tone(c, t, to) * move_weight(c, part, s->v[part].pitch, to) * pull(c, part, to);
        if (part == 0 && foreign && t % c->beat == 0) {
            w /= c->no_foreign;
        }
    }
    return w;
}

/* Weights of all pairs of pitches for a vector of acts; returns their sum. */
static inline double pairs(const count *c, const state *s, es_tick t, int acts, bool loose,
                           double weights[80][80])
{
    double sum = 0;

    for (int u = c->low[0]; u <= c->high[0]; u++) {
        for (int l = c->low[1]; l <= c->high[1]; l++) {
            const bool strikes[2] = {acts & 1, acts & 2};
            const int to[2] = {u, l};
            double w = 0;
            if ((strikes[0] || u == s->v[0].pitch) && (strikes[1] || l == s->v[1].pitch) &&
                voice_ok(c, 0, &s->v[0], t, u, strikes[0]) &&
                voice_ok(c, 1, &s->v[1], t, l, strikes[1]) && pair_ok(s, u, l) &&
                chord_ok(c, t, u, l)) {
                w = pitch_weight(c, 0, s, t, u, strikes[0]) *
                    pitch_weight(c, 1, s, t, l, strikes[1]) / (u == l ? c->no_unison : 1);
            }
            if (w > 0) {
                const state next = after(s, to, strikes);
                w = has_successor(c, &next, t, loose) ? w : 0;
            }
            if (weights) {
                weights[u][l] = w;
            }
            sum += w;
        }
    }
    return sum;
}

static inline double act_weight(const count *c, es_tick t, int acts)
{
    double w = 1;

    if (t == 0) {
        return acts == 3;
    }
    if (acts == 0 && t % c->beat) {
        return 0;
    }
    for (int part = 0; part < 2; part++) {
        const double o = onset(c, part, t);
        w *= acts >> part & 1 ? o / (1 + o) : 1 / (1 + o);
    }
    return w;
}

static inline bool can_play_at(const count *c, const state *s, es_tick t)
{
    for (int acts = 0; acts < 4; acts++) {
        if (act_weight(c, t, acts) > 0 && pairs(c, s, t, acts, true, NULL) > 0) {
            return true;
        }
    }
    return false;
}

static inline void play(count *c, const state *s, es_tick t, double p, uint64_t key);

static inline void step(count *c, const state *s, es_tick t, double p, uint64_t key)
{
    const es_tick beat = (t / c->beat + 1) * c->beat, off = t + c->grid, end = c->beat * c->beats;
    double to_off = 0, to_beat = 1;

    if (off < beat) {
        to_beat = 1 / (1 + onset(c, 0, off)) / (1 + onset(c, 1, off));
        to_off = 1 - to_beat;
        if (!has_successor(c, s, t, false)) {
            to_beat = 0;
        }
        if (to_beat > 0 && to_off > 0) {
            to_off = can_play_at(c, s, off) ? to_off : 0;
            to_beat = beat == end || can_play_at(c, s, beat) ? to_beat : 0;
        }
        assert_true(to_off + to_beat > 0);
    }
    const double sum = to_off + to_beat;
    if (to_off > 0) {
        play(c, s, off, p * to_off / sum, key);
    }
    if (to_beat > 0) {
        play(c, s, beat, p * to_beat / sum, key);
    }
}

static inline void play(count *c, const state *s, es_tick t, double p, uint64_t key)
{
    if (t == c->beat * c->beats) {
        assert_true(c->n < MOST_PIECES);
        c->pieces[c->n++] = (piece){.key = key, .p = p};
        return;
    }
    double weights[4][80][80];
    double sums[4], total = 0;
    for (int loose = 0; loose < 2 && total == 0; loose++) {
        for (int acts = 0; acts < 4; acts++) {
            sums[acts] =
                act_weight(c, t, acts) > 0 ? pairs(c, s, t, acts, loose, weights[acts]) : 0;
            total += sums[acts] > 0 ? act_weight(c, t, acts) : 0;
        }
    }
    assert_true(total > 0);
    const int place = (int)(t / c->grid);
    for (int acts = 0; acts < 4; acts++) {
        for (int u = c->low[0]; u <= c->high[0] && sums[acts] > 0; u++) {
            for (int l = c->low[1]; l <= c->high[1]; l++) {
                const bool strikes[2] = {acts & 1, acts & 2};
                const int to[2] = {u, l};
                if (weights[acts][u][l] > 0) {
                    const state next = after(s, to, strikes);
                    uint64_t k = key;
                    k |= strikes[0] ? (uint64_t)(u - c->low[0] + 1) << (8 * place) : 0;
                    k |= strikes[1] ? (uint64_t)(l - c->low[1] + 1) << (8 * place + 4) : 0;
                    step(c, &next, t,
                         p * act_weight(c, t, acts) / total * weights[acts][u][l] / sums[acts], k);
                }
            }
        }
    }
}

static inline int by_key(const void *a, const void *b)
{
    const piece *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

static inline piece *find(const count *c, uint64_t key)
{
    const piece wanted = {.key = key};

    return bsearch(&wanted, c->pieces, c->n, sizeof *c->pieces, by_key);
}

/* ---- with a model ---- */

enum { NET_FLOATS = 256 };

typedef struct net_at {
    float state[NET_FLOATS];
    es_stream_mark mark;
} net_at;

static inline void push(count *c, float *net, int candidate)
{
    es_event_fields event;

    if (es_stream_push(c->stream, (uint16_t)candidate, &event)) {
        es_net_step(c->run, net, &event);
    }
}

static inline void push_chord(count *c, es_chord chord)
{
    push(c, NULL, chord.root);
    push(c, NULL, chord.quality);
    push(c, NULL, chord.bass);
}

/* Bring the stream to the voices of the instant at t. */
static inline void reopen(count *c, const net_at *at, es_tick t)
{
    const int beat = (int)(t / c->beat);

    es_stream_rollback(c->stream, at->mark);
    if (t == 0) {
        push(c, NULL, 0);
        push(c, NULL, es_meter_token(c->toy->style.meter));
        push_chord(c, c->toy->phrase.bar[0].chord[0]);
    }
    if (t % c->beat == 0) {
        push_chord(c, beat + 1 < c->beats ? c->toy->phrase.bar[0].chord[beat + 1]
                                          : c->toy->phrase.next_chord);
    }
}

/* p^a of the candidates of the choice that comes next. */
static inline void ask(count *c, const net_at *at, double *powers)
{
    float log_p[ES_MAX_CANDIDATES];
    es_choice choice;

    es_stream_peek(c->stream, &choice);
    es_net_decide(c->run, at->state, &choice.draw, log_p);
    for (int i = 0; i < ES_MAX_CANDIDATES; i++) {
        powers[i] = i < choice.draw.n_candidates ? exp(c->exponent * (double)log_p[i]) : 0;
    }
}

static inline int candidate(const count *c, int part, const state *s, int to, bool strikes)
{
    const es_coding *coding = &c->model->coding;

    return strikes && to == s->v[part].pitch && coding->has_onsets
               ? coding->high[part] - coding->low[part] + 2
               : to - coding->low[part];
}

/* What the style adds to the model's word for one voice. */
static inline double mild(const count *c, int part, const state *s, es_tick t, int to, bool strikes)
{
    const int beat = (int)(t / c->beat);
    double w = 1;

    if (to == s->v[part].pitch && t > 0 && !c->model->coding.has_onsets) {
        const es_chord *chord = c->toy->phrase.bar[0].chord;
        const bool changes = t % c->beat == 0 && chord[beat].root != chord[beat - 1].root;
        const int strength = es_meter_strength(c->toy->style.meter, t);
        const double onset = c->toy->style.parts[part].onset[strength > 0 ? 3 - strength : 3];
        const double struck = onset / (onset + (changes ? 2 : 12));
        w = strikes ? struck : 1 - struck;
    }
    if (part == 0 && strikes && t % c->beat == 0 && !in_chord(c, beat, to)) {
        w /= c->no_foreign;
    }
    return w;
}

static inline void play_modelled(count *c, const state *s, es_tick t, double p, uint64_t key,
                                 const net_at *at);

static inline void step_modelled(count *c, const state *s, es_tick t, double p, uint64_t key,
                                 const net_at *at, const int *chosen)
{
    const es_tick beat = (t / c->beat + 1) * c->beat, off = t + c->grid, end = c->beat * c->beats;
    double powers[ES_MAX_CANDIDATES];
    bool may_off = off < beat, may_beat = !may_off || has_successor(c, s, t, false);

    if (may_off && may_beat) {
        may_off = can_play_at(c, s, off);
        may_beat = beat == end || can_play_at(c, s, beat);
    }
    assert_true(may_off || may_beat);
    for (int to = 0; to < 2; to++) {
        const es_tick next = to ? beat : off;
        const es_tick unit = ES_QUARTER / c->model->coding.grid;
        net_at then = *at;
        if (!(to ? may_beat : may_off)) {
            continue;
        }
        reopen(c, at, t);
        push(c, NULL, chosen[0]);
        push(c, NULL, chosen[1]);
        ask(c, at, powers);
        const double p_off = may_off ? powers[(off - t) / unit - 1] : 0;
        const double p_beat = may_beat ? powers[(beat - t) / unit - 1] : 0;
        push(c, then.state, (int)((next - t) / unit) - 1);
        then.mark = es_stream_mark_of(c->stream);
        play_modelled(c, s, next, p * (to ? p_beat : p_off) / (p_off + p_beat), key, &then);
    }
}

static inline void play_modelled(count *c, const state *s, es_tick t, double p, uint64_t key,
                                 const net_at *at)
{
    double weights[4][80][80], top[2][80] = {{0}}, sum_top = 0, total = 0;
    double powers[ES_MAX_CANDIDATES];
    const int place = (int)(t / c->grid);

    if (t == c->beat * c->beats) {
        assert_true(c->n < MOST_PIECES);
        c->pieces[c->n++] = (piece){.key = key, .p = p};
        return;
    }
    for (int loose = 0; loose < 2 && total == 0; loose++) {
        for (int acts = 0; acts < 4; acts++) {
            const bool may = act_weight(c, t, acts) > 0;
            for (int u = c->low[0]; u <= c->high[0] && !may; u++) {
                for (int l = c->low[1]; l <= c->high[1]; l++) {
                    weights[acts][u][l] = 0;
                }
            }
            total += may ? pairs(c, s, t, acts, loose, weights[acts]) : 0;
        }
    }
    assert_true(total > 0);
    reopen(c, at, t);
    ask(c, at, powers);
    for (int strikes = 0; strikes < 2; strikes++) {
        for (int u = c->low[0]; u <= c->high[0]; u++) {
            for (int l = c->low[1]; l <= c->high[1]; l++) {
                if (weights[strikes][u][l] > 0 || weights[strikes + 2][u][l] > 0) {
                    top[strikes][u] =
                        powers[candidate(c, 0, s, u, strikes)] * mild(c, 0, s, t, u, strikes);
                }
            }
            sum_top += top[strikes][u];
        }
    }
    for (int su = 0; su < 2; su++) {
        for (int u = c->low[0]; u <= c->high[0]; u++) {
            double low[2][80] = {{0}}, sum_low = 0;
            if (!(top[su][u] > 0)) {
                continue;
            }
            const int first = candidate(c, 0, s, u, su);
            reopen(c, at, t);
            push(c, NULL, first);
            ask(c, at, powers);
            for (int sl = 0; sl < 2; sl++) {
                for (int l = c->low[1]; l <= c->high[1]; l++) {
                    if (weights[su + 2 * sl][u][l] > 0) {
                        low[sl][l] = powers[candidate(c, 1, s, l, sl)] * mild(c, 1, s, t, l, sl) /
                                     (u == l ? c->no_unison : 1);
                    }
                    sum_low += low[sl][l];
                }
            }
            for (int sl = 0; sl < 2; sl++) {
                for (int l = c->low[1]; l <= c->high[1]; l++) {
                    const bool strikes[2] = {su, sl};
                    const int to[2] = {u, l}, chosen[2] = {first, candidate(c, 1, s, l, sl)};
                    if (low[sl][l] > 0) {
                        const state next = after(s, to, strikes);
                        uint64_t k = key;
                        k |= su ? (uint64_t)(u - c->low[0] + 1) << (8 * place) : 0;
                        k |= sl ? (uint64_t)(l - c->low[1] + 1) << (8 * place + 4) : 0;
                        step_modelled(c, &next, t, p * top[su][u] / sum_top * low[sl][l] / sum_low,
                                      k, at, chosen);
                    }
                }
            }
        }
    }
}

static inline void count_through(count *c)
{
    const state start = {{{.pitch = -1}, {.pitch = -1}}};
    double sum = 0;

    c->n = 0;
    if (c->model) {
        static net_at at;
        memset(&at, 0, sizeof at);
        es_stream_begin(c->stream, false, c->toy->style.meter);
        at.mark = es_stream_mark_of(c->stream);
        play_modelled(c, &start, 0, 1, 0, &at);
    } else {
        play(c, &start, 0, 1, 0);
    }
    qsort(c->pieces, c->n, sizeof *c->pieces, by_key);
    for (size_t i = 0; i < c->n; i++) {
        sum += c->pieces[i].p;
        assert_true(i == 0 || c->pieces[i].key != c->pieces[i - 1].key);
    }
    assert_true(fabs(sum - 1) < 1e-9);
}

/* ---- drawing ---- */

static inline uint64_t key_of(const count *c, const es_engine *engine)
{
    uint64_t key = 0;

    for (int v = 0; v < 2; v++) {
        for (size_t i = 0; i < engine->track[v].count; i++) {
            const es_track_note *note = &engine->track[v].notes[i];
            const int place = (int)(note->start / c->grid);
            key |= (uint64_t)(note->pitch - c->low[v] + 1) << (8 * place + 4 * v);
        }
    }
    return key;
}

/* Draw pieces; returns how far chi-square is above its mean, in standard deviations. */
static inline double draw_many(count *c, uint32_t draws, double *worst_log)
{
    es_compose_options options = es_compose_options_default();
    es_engine engine = {0};

    if (c->model) {
        options.models[options.n_models++] = c->model;
    }
    *worst_log = 0;
    for (size_t i = 0; i < c->n; i++) {
        c->pieces[i].drawn = 0;
    }
    assert_int_equal(es_engine_init(&engine, &c->toy->style, &options, NULL), ESTRO_OK);
    for (uint32_t i = 0; i < draws; i++) {
        es_engine_reset(&engine, i + 1);
        assert_int_equal(es_engine_phrase(&engine, &c->toy->phrase, 0, NULL), ESTRO_OK);
        piece *found = find(c, key_of(c, &engine));
        if (!found) {
            return HUGE_VAL; /* It should be impossible. */
        }
        found->drawn++;
        const double error = fabs(engine.state->stats.log_p_sampler - log(found->p));
        *worst_log = error > *worst_log ? error : *worst_log;
    }
    assert_int_equal(engine.redrawn_instants + engine.redrawn_bars, 0);
    es_engine_done(&engine);
    double chi = 0, rest_expected = 0, rest_drawn = 0;
    int cells = 0;
    for (size_t i = 0; i < c->n; i++) {
        const double expected = c->pieces[i].p * draws;
        if (expected < 10) {
            rest_expected += expected;
            rest_drawn += c->pieces[i].drawn;
            continue;
        }
        const double away = c->pieces[i].drawn - expected;
        chi += away * away / expected;
        cells++;
    }
    if (rest_expected > 0) {
        const double away = rest_drawn - rest_expected;
        chi += away * away / rest_expected;
        cells++;
    }
    assert_true(cells > 20);
    return (chi - (cells - 1)) / sqrt(2.0 * (cells - 1));
}

#endif
