/*
 * The proof of the composer: toys whose whole distribution is counted through by other means, and a great many draws against it.
 *
 * The counting shares nothing with the composer: it walks through all that can happen, instant by instant, with plain loops over pitches, and
 * tries each rule by its words. Compared are the shares of the pieces (chi-square and largest deviation), and for each piece that was drawn
 * its stated log-probability.
 */
#include "base/real.h"
#include "gen/engine.h"
#include "toy_style.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

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
    double chord_weight[2]
                       [3]; /* Tone weights on and off the beat, as the counting believes them. */
    bool missing_third;
    int leap[2], repeat;
    double no_unison, no_foreign;
    es_tick grid, beat;
    int beats;
    piece *pieces;
    size_t n;
} count;

typedef struct voice {
    int pitch, repeats;
} voice;

typedef struct state {
    voice v[2];
} state;

static bool in_chord(const count *c, int beat, int pitch)
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

static bool is_third(const count *c, int beat, int pitch)
{
    const es_chord chord =
        beat < c->beats ? c->toy->phrase.bar[0].chord[beat] : c->toy->phrase.next_chord;
    return pitch % 12 == es_chord_member(chord, 1);
}

static bool in_scale(int pitch)
{
    return 0xab5 >> pitch % 12 & 1;
}

static double tone(const count *c, es_tick t, int pitch)
{
    const int beat = (int)(t / c->beat);
    const double *w = c->chord_weight[t % c->beat != 0];

    return in_chord(c, beat, pitch) ? w[0] : in_scale(pitch) ? w[1] : w[2];
}

static double move_weight(const count *c, int part, int from, int to)
{
    const int size = abs(to - from);

    return from < 0 ? 1 : size > 12 ? 0 : c->toy->style.parts[part].move[size];
}

static double pull(const count *c, int part, int pitch)
{
    const es_part *p = &c->toy->style.parts[part];
    double spread = (p->high - p->low) / 4.0;

    spread = spread < 3 ? 3 : spread;
    const double x = (pitch - p->home) / spread;
    return 1 / (1 + x * x);
}

/* Voice `part` goes from where it is to `to` (strikes) or stays. */
static bool voice_ok(const count *c, int part, const voice *v, es_tick t, int to, bool strikes)
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

static bool pair_ok(const state *s, int u, int l)
{
    const int u0 = s->v[0].pitch, l0 = s->v[1].pitch;

    if (u < l) {
        return false;
    }
    if (u0 >= 0 && l0 >= 0 && (u - u0) * (l - l0) > 0) {
        const int before = (u0 - l0) % 12, after = (u - l) % 12;
        return !(before == after && (after == 0 || after == 7));
    }
    return true;
}

static bool chord_ok(const count *c, es_tick t, int u, int l)
{
    const int beat = (int)(t / c->beat);

    return !c->missing_third || t % c->beat != 0 || is_third(c, beat, u) || is_third(c, beat, l);
}

static state after(const state *s, const int *to, const bool *strikes)
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

static double onset(const count *c, int part, es_tick t)
{
    const int strength = es_meter_strength(c->toy->style.meter, t % (c->beat * c->beats));

    return t % c->grid ? 0 : c->toy->style.parts[part].onset[strength > 0 ? 3 - strength : 3];
}

/* A successor at the next beat; loose: as if other notes came between. */
static bool has_successor(const count *c, const state *s, es_tick t, bool loose)
{
    const es_tick y = (t / c->beat + 1) * c->beat;
    const bool is_end = y == c->beat * c->beats;
    state from = *s;

    if (loose && t + c->grid < y) {
        from.v[0] = from.v[1] = (voice){.pitch = -1};
    }
    for (int u = 67; u <= 76; u++) {
        for (int l = 60; l <= 69; l++) {
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

static double pitch_weight(const count *c, int part, const state *s, es_tick t, int to,
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
static double pairs(const count *c, const state *s, es_tick t, int acts, bool loose,
                    double weights[80][80])
{
    double sum = 0;

    for (int u = 67; u <= 76; u++) {
        for (int l = 60; l <= 69; l++) {
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

static double act_weight(const count *c, es_tick t, int acts)
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

static bool can_play_at(const count *c, const state *s, es_tick t)
{
    for (int acts = 0; acts < 4; acts++) {
        if (act_weight(c, t, acts) > 0 && pairs(c, s, t, acts, true, NULL) > 0) {
            return true;
        }
    }
    return false;
}

static void play(count *c, const state *s, es_tick t, double p, uint64_t key);

static void step(count *c, const state *s, es_tick t, double p, uint64_t key)
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

static void play(count *c, const state *s, es_tick t, double p, uint64_t key)
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
        for (int u = 67; u <= 76 && sums[acts] > 0; u++) {
            for (int l = 60; l <= 69; l++) {
                const bool strikes[2] = {acts & 1, acts & 2};
                const int to[2] = {u, l};
                if (weights[acts][u][l] > 0) {
                    const state next = after(s, to, strikes);
                    uint64_t k = key;
                    k |= strikes[0] ? (uint64_t)(u - 66) << (8 * place) : 0;
                    k |= strikes[1] ? (uint64_t)(l - 59) << (8 * place + 4) : 0;
                    step(c, &next, t,
                         p * act_weight(c, t, acts) / total * weights[acts][u][l] / sums[acts], k);
                }
            }
        }
    }
}

static int by_key(const void *a, const void *b)
{
    const piece *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

static piece *find(const count *c, uint64_t key)
{
    const piece wanted = {.key = key};

    return bsearch(&wanted, c->pieces, c->n, sizeof *c->pieces, by_key);
}

static void count_through(count *c)
{
    const state start = {{{.pitch = -1}, {.pitch = -1}}};
    double sum = 0;

    c->n = 0;
    play(c, &start, 0, 1, 0);
    qsort(c->pieces, c->n, sizeof *c->pieces, by_key);
    for (size_t i = 0; i < c->n; i++) {
        sum += c->pieces[i].p;
        assert_true(i == 0 || c->pieces[i].key != c->pieces[i - 1].key);
    }
    assert_true(fabs(sum - 1) < 1e-9);
}

/* ---- drawing ---- */

static uint64_t key_of(const count *c, const es_engine *engine)
{
    uint64_t key = 0;

    for (int v = 0; v < 2; v++) {
        for (size_t i = 0; i < engine->track[v].count; i++) {
            const es_track_note *note = &engine->track[v].notes[i];
            const int place = (int)(note->start / c->grid);
            key |= (uint64_t)(note->pitch - (v ? 59 : 66)) << (8 * place + 4 * v);
        }
    }
    return key;
}

/* Draw pieces; returns how far chi-square is above its mean, in standard deviations. */
static double draw_many(count *c, uint32_t draws, double *worst_log)
{
    es_compose_options options = es_compose_options_default();
    es_engine engine;

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
    assert_true(cells > 50);
    return (chi - (cells - 1)) / sqrt(2.0 * (cells - 1));
}

/* ---- the toys ---- */

static const es_chord tonic = {0, ES_QUALITY_MAJ, 0}, dominant = {7, ES_QUALITY_MAJ, 0},
                      subdominant = {5, ES_QUALITY_MAJ, 0};

static void set_up(toy_style *toy, count *c, es_meter meter, const es_chord *chords, es_tick grid)
{
    static const double believed[2][3] = {{1, 0.3, 0}, {1, 0.8, 0}};

    toy_begin(toy, meter, chords, tonic, grid);
    toy_constraint(toy, ES_CONSTRAINT_PARALLEL, 7, 3, true, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_PARALLEL, 0, 3, true, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_CROSS, 0, 3, true, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_LEAP, 5, 1, false, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_REPEAT, 2, 3, false, ES_SCOPE_EVERYWHERE, 0);
    toy_constraint(toy, ES_CONSTRAINT_MISSING, 1, 3, false, ES_SCOPE_BEATS, 0);
    toy_constraint(toy, ES_CONSTRAINT_UNISON, 0, 3, true, ES_SCOPE_EVERYWHERE, 3);
    toy_constraint(toy, ES_CONSTRAINT_FOREIGN, 0, 1, false, ES_SCOPE_BEATS, 1.5);
    *c = (count){.toy = toy,
                 .missing_third = true,
                 .leap = {5, 99},
                 .repeat = 2,
                 .no_unison = 3,
                 .no_foreign = 1.5,
                 .grid = grid,
                 .beat = es_meter_beat(meter),
                 .beats = es_meter_beats(meter),
                 .pieces = calloc(MOST_PIECES, sizeof *c->pieces)};
    memcpy(c->chord_weight, believed, sizeof believed);
}

static void test_beats(void **unused)
{
    static toy_style toy;
    const es_chord chords[3] = {tonic, subdominant, dominant};
    double worst;
    count c;

    (void)unused;
    set_up(&toy, &c, (es_meter){3, 4}, chords, ES_QUARTER);
    count_through(&c);
    const double above = draw_many(&c, 1000000, &worst);
    print_message("%zu pieces, chi-square %.2f deviations above its mean\n", c.n, above);
    assert_true(above < 4);
    assert_true(worst < 1e-6);
    /* The same draws against a slightly wrong weight. */
    c.chord_weight[0][1] = 0.33;
    count_through(&c);
    assert_true(draw_many(&c, 100000, &worst) > 8);
    free(c.pieces);
}

static void test_off_beats(void **unused)
{
    static toy_style toy;
    const es_chord chords[2] = {subdominant, dominant};
    double worst;
    count c;

    (void)unused;
    set_up(&toy, &c, (es_meter){2, 4}, chords, ES_QUARTER / 2);
    count_through(&c);
    const double above = draw_many(&c, 100000, &worst);
    print_message("%zu pieces, chi-square %.2f deviations above its mean\n", c.n, above);
    assert_true(above < 4);
    assert_true(worst < 1e-6);
    /* The same draws against a slightly wrong weight. */
    c.chord_weight[1][1] = 1;
    count_through(&c);
    assert_true(draw_many(&c, 100000, &worst) > 8);
    free(c.pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_beats),
                                       cmocka_unit_test(test_off_beats)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
