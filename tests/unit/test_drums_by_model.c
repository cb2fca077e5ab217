/* Drums by a model: what the style forbids never sounds, what it asks for always does, whatever the net says. */
#include "base/mem.h"
#include "gen/composer.h"
#include "stream/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { MOST_NOTES = 8192, HAT = 42, OPEN = 46, KICK = 36, SNARE = 38, CLAP = 39, CRASH = 49 };

static es_model *new_model(uint64_t seed)
{
    static es_net_shape shape;
    es_model *model = es_calloc(1, sizeof *model);

    assert_non_null(model);
    memset(&shape, 0, sizeof shape);
    snprintf(model->name, sizeof model->name, "m");
    model->meta.profile = ES_PROFILE_DRUMS;
    model->drums = (es_drum_coding){.grid = 12, .max_step = 18};
    es_drum_coding_shape(&model->drums, &shape);
    shape.n_layers = 1;
    shape.hidden = shape.embed = shape.decoder = 8;
    assert_int_equal(es_net_init(&model->net, &shape, NULL), ESTRO_OK);
    es_net_randomise(&model->net, seed);
    for (size_t i = 0; i < model->net.n_weights; i++) {
        model->net.weights[i] *= 6;
    }
    return model;
}

typedef struct piece {
    es_note notes[MOST_NOTES];
    size_t n, n_bars;
} piece;

static void compose(piece *out, const char *text, const es_model *model, uint64_t seed)
{
    es_compose_options options = es_compose_options_default();
    es_composer *composer;
    es_style *style;
    es_bar bar;
    estro_diag diag;

    out->n = out->n_bars = 0;
    assert_int_equal(es_style_parse(&style, text, strlen(text), "test", &diag), ESTRO_OK);
    options.plan.seed = seed;
    options.models[0] = model;
    options.n_models = model ? 1 : 0;
    assert_int_equal(es_composer_new(&composer, style, &options, &diag), ESTRO_OK);
    while (es_composer_next(composer, &bar, &diag) == ESTRO_OK) {
        for (size_t i = 0; i < bar.n_notes; i++) {
            assert_true(out->n < MOST_NOTES);
            assert_true(bar.notes[i].start >= bar.start &&
                        bar.notes[i].start < bar.start + bar.length);
            out->notes[out->n++] = bar.notes[i];
        }
        out->n_bars++;
    }
    es_composer_free(composer);
    es_style_free(style);
}

static bool sounds_at(const piece *p, es_tick tick, int key)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->notes[i].start == tick && p->notes[i].key == key) {
            return true;
        }
    }
    return false;
}

static bool sounds_within(const piece *p, es_tick from, es_tick to, int key)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->notes[i].start >= from && p->notes[i].start < to && p->notes[i].key == key) {
            return true;
        }
    }
    return false;
}

static const char free_text[] =
    "estro 1 style x \"\"\nform { piece = <a 4 open> <b 4 open> <a 4 open> <c 3 open> }\n"
    "harmony { phrase = I:4 | I:4 phrase }\npart k { role drums }\ngroup g = k by model m\n"
    "texture main { k free }\nnever absent kick in k\nnever absent hat in k on downbeats\n"
    "never together snare hat in k\nnever together kick crash in k on beats\n";

static void check_free(const piece *p)
{
    const es_tick bar = ES_WHOLE;

    for (size_t b = 0; b < p->n_bars; b++) {
        const es_tick start = (es_tick)b * bar;
        assert_true(sounds_within(p, start, start + bar, KICK));
        assert_true(sounds_at(p, start, HAT));
    }
    for (size_t i = 0; i < p->n; i++) {
        const es_tick tick = p->notes[i].start;
        assert_int_equal(tick % (ES_QUARTER / 12), 0);
        assert_false(p->notes[i].key == SNARE && sounds_at(p, tick, HAT));
        assert_false(tick % ES_QUARTER == 0 && p->notes[i].key == KICK &&
                     sounds_at(p, tick, CRASH));
    }
}

static void free_drums_keep_the_rules(void **state)
{
    static piece p, again;

    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        es_model *model = new_model(seed);
        compose(&p, free_text, model, seed);
        assert_int_equal(p.n_bars, 15);
        check_free(&p);
        compose(&again, free_text, model, seed);
        assert_int_equal(p.n, again.n);
        assert_memory_equal(p.notes, again.notes, p.n * sizeof *p.notes);
        es_model_free(model);
    }
}

/* The third phrase says the first again. */
static void quotes_are_literal(void **state)
{
    static piece p;

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        es_model *model = new_model(seed + 50);
        compose(&p, free_text, model, seed);
        for (size_t i = 0; i < p.n; i++) {
            if (p.notes[i].start < 4 * (es_tick)ES_WHOLE) {
                assert_true(sounds_at(&p, p.notes[i].start + 8 * ES_WHOLE, p.notes[i].key));
            }
        }
        es_model_free(model);
    }
}

/* Sure hits are all there, others only where the groove has a chance for them; claps, which the kit lacks, sound too. */
static void grooves_are_kept(void **state)
{
    static const char text[] =
        "estro 1 style x \"\"\nform { piece = <a 8 open> <b 8 open> }\n"
        "harmony { phrase = I:4 | I:4 phrase }\npart k { role drums }\ngroup g = k by model m\n"
        "groove v { kick \"x...5...X...5...\" hat \"5x5x5x5x\" open \"..o.\" clap "
        "\"....x.......5...\" }\n"
        "texture main { k v }\nnever together open 42 in k\n";
    static piece p;

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        es_model *model = new_model(seed);
        size_t chances = 0;
        compose(&p, text, model, seed);
        for (size_t b = 0; b < p.n_bars; b++) {
            const es_tick start = (es_tick)b * ES_WHOLE;
            assert_true(sounds_at(&p, start, KICK));
            assert_true(sounds_at(&p, start + ES_WHOLE / 2, KICK));
            assert_true(sounds_at(&p, start + ES_QUARTER, CLAP));
            assert_true(sounds_at(&p, start + ES_WHOLE / 2, OPEN));
            chances += sounds_at(&p, start + ES_QUARTER, KICK);
        }
        for (size_t i = 0; i < p.n; i++) {
            const es_note *note = &p.notes[i];
            const es_tick in_bar = note->start % ES_WHOLE;
            assert_true(note->key == KICK || note->key == HAT || note->key == OPEN ||
                        note->key == CLAP);
            assert_true(note->key != KICK || in_bar % ES_QUARTER == 0);
            assert_true(note->key != HAT || in_bar % (ES_QUARTER / 2) == 0);
            assert_false(note->key == HAT && in_bar == ES_WHOLE / 2);
            assert_true(in_bar != ES_WHOLE / 2 || note->key != KICK || note->accent == 1);
        }
        assert_true(chances <= p.n_bars);
        es_model_free(model);
    }
}

/* Without the file of the model a free part keeps the rules too. */
static void plain_drums_keep_the_rules(void **state)
{
    static piece p;

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        compose(&p, free_text, NULL, seed);
        check_free(&p);
    }
}

/* How alike the second bar is to the first: hits of both, over hits of either. */
static double likeness(const piece *p)
{
    size_t both = 0, all = 0;

    for (size_t i = 0; i < p->n; i++) {
        if (p->notes[i].start < 2 * ES_WHOLE) {
            const bool is_first = p->notes[i].start < ES_WHOLE;
            both += sounds_at(p, p->notes[i].start + (is_first ? ES_WHOLE : -ES_WHOLE),
                              p->notes[i].key);
            all++;
        }
    }
    return all ? (double)both / (double)all : 1;
}

static void motifs_bring_bars_back(void **state)
{
    static const char form[] =
        "estro 1 style x \"\"\nform { piece = <a 3 open> }\n"
        "harmony { phrase = I:4 | I:4 phrase }\npart k { role drums }\ngroup g = k by model m\n";
    static piece p;
    char text[512];
    double sum[2] = {0};

    (void)state;
    for (int with = 0; with < 2; with++) {
        snprintf(text, sizeof text, "%stexture main { k free %s }\n", form,
                 with ? "motif \"aab\"" : "");
        for (uint64_t seed = 1; seed <= 30; seed++) {
            es_model *model = new_model(seed);
            for (size_t i = 0; i < model->net.n_weights; i++) {
                model->net.weights[i] /= 6; /* A net that is of no strong opinion. */
            }
            compose(&p, text, model, seed);
            sum[with] += likeness(&p);
            es_model_free(model);
        }
    }
    assert_true(sum[1] > sum[0] + 1);
}

static void other_models_are_refused(void **state)
{
    es_compose_options options = es_compose_options_default();
    es_model *model = new_model(1);
    es_composer *composer;
    es_style *style;
    estro_diag diag;
    static const char voices[] = "estro 1 style x \"\"\nform { piece = <a 2 open> }\n"
                                 "harmony { phrase = I:4 | I:4 phrase }\npart v { role melody }\n"
                                 "group g = v by model m\n";
    static const char quick[] = "estro 1 style x \"\"\nmeter 7/8\nform { piece = <a 2 open> }\n"
                                "harmony { phrase = I:7 | I:7 phrase }\npart k { role drums }\n"
                                "group g = k by model m\ntexture main { k free }\n";

    (void)state;
    options.models[0] = model;
    options.n_models = 1;
    for (int i = 0; i < 2; i++) {
        const char *text = i ? quick : voices;
        assert_int_equal(es_style_parse(&style, text, strlen(text), "test", &diag), ESTRO_OK);
        assert_int_equal(es_composer_new(&composer, style, &options, &diag), ESTRO_ERR_MODEL);
        assert_non_null(strstr(diag.text, i ? "7/8" : "not of voices"));
        es_style_free(style);
    }
    es_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_drums_keep_the_rules), cmocka_unit_test(quotes_are_literal),
        cmocka_unit_test(grooves_are_kept),          cmocka_unit_test(plain_drums_keep_the_rules),
        cmocka_unit_test(motifs_bring_bars_back),    cmocka_unit_test(other_models_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
