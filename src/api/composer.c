/*
 * The composer for a host: made from options, and its bars go out with the parts that are to be heard.
 * Pointers of a bar live until the next but one, so there are two of each array, used in turn.
 */
#include "api/api.h"

#include "base/diag.h"
#include "api/made.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

/* ---- life ---- */

/* Compose the piece as it was, and fix what stays of it. */
static estro_status compose_again(estro_composer *self, es_compose_options *inner, uint64_t seed,
                                  const estro_compose_options *given, estro_diag *diag)
{
    const es_again_how how = {self->style, self->seed, self->as_written};

    if (given->reroll && given->pin) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "reroll and pin exclude each other");
    }
    self->again = es_calloc(1, sizeof *self->again);
    if (!self->again) {
        return es_fail_memory(diag);
    }
    ES_TRY(es_again_take(self->again, &how, inner, diag));
    if (self->theme) {
        ES_TRY(es_api_theme_anew(self, inner, diag));
    }
    if (given->keep) {
        ES_TRY(es_again_read(self->again, &how, given->keep, diag));
    }
    ES_TRY(es_again_fix(self->again, &how, given->reroll ? given->reroll : given->pin,
                        given->pin != NULL, seed, diag));
    inner->given = &self->again->given;
    return ESTRO_OK;
}

/* With a file, what it was made with, and of what is asked for only what is to be drawn anew. */
static estro_compose_options as_made(const estro_compose_options *asked)
{
    estro_compose_options out = asked->keep->options;

    memcpy(out.models, asked->models, sizeof out.models);
    out.n_models = asked->n_models;
    out.reroll = asked->reroll;
    out.pin = asked->pin;
    out.keep = asked->keep;
    out.theme = asked->theme;
    return out;
}

static estro_status prepare(estro_composer *self, const estro_style *style,
                            const estro_compose_options *asked, estro_diag *diag)
{
    const estro_compose_options made = asked->keep ? as_made(asked) : *asked;
    const estro_compose_options *given = &made;
    const uint64_t seed = asked->seed; /* Of what is drawn anew. */
    es_compose_options inner = es_compose_options_default();

    if (style) {
        self->style = style->style;
    } else if (given->n_models > 0) {
        ES_TRY(es_api_style_of_model(&self->own_style, given->models[0]->model, diag));
        self->style = self->own_style;
        inner.freehand = given->models[0]->model->meta.profile == ES_PROFILE_NOTES;
    } else {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a style or a model is needed to compose");
    }
    if (given->keep) {
        ES_TRY(es_made_check(given->keep, self->style, given, diag));
    }
    ES_TRY(es_api_options(self, &inner, given, diag));
    if (given->keep) {
        ES_TRY(es_made_check_theme(given->keep, self->theme, diag));
    }
    if (given->reroll || given->pin || given->keep) {
        ES_TRY(compose_again(self, &inner, seed, given, diag));
    }
    ES_TRY(es_composer_new(&self->composer, self->style, &inner, diag));
    es_api_about(self, given);
    return ESTRO_OK;
}

estro_status estro_composer_new(estro_composer **out, const estro_style *style,
                                const estro_compose_options *options, estro_diag *diag)
{
    estro_compose_options given = estro_compose_options_default();
    estro_composer *self = es_calloc(1, sizeof *self);

    es_diag_init(diag, NULL);
    if (!self) {
        return es_fail_memory(diag);
    }
    if (options) {
        /* A host built against an older header knows fewer members. */
        const size_t size = options->size < sizeof given ? options->size : sizeof given;
        memcpy(&given, options, size);
    }
    const estro_status status = prepare(self, style, &given, diag);
    if (status != ESTRO_OK) {
        estro_composer_free(self);
        return status;
    }
    *out = self;
    return ESTRO_OK;
}

void estro_composer_free(estro_composer *composer)
{
    if (!composer) {
        return;
    }
    es_composer_free(composer->composer);
    es_api_theme_done(composer);
    es_api_style_release(atomic_load_explicit(&composer->wanted, memory_order_acquire));
    for (int i = 0; i < ES_API_TAKEN; i++) {
        es_api_style_release(composer->taken[i]);
    }
    es_user_parts_free(composer->user);
    es_style_free(composer->own_style);
    es_free(composer->chords);
    if (composer->again) {
        es_again_done(composer->again);
        es_free(composer->again);
    }
    for (int i = 0; i < 2; i++) {
        es_free(composer->heard[i]);
        es_free(composer->notes[i]);
    }
    es_free(composer);
}

/* ---- bars ---- */

static bool reserve(void *array, size_t *capacity, size_t count, size_t size)
{
    while (*capacity < count) {
        if (!es_grow(array, *capacity, capacity, size)) {
            return false;
        }
    }
    return true;
}

static bool keep_heard(estro_composer *self, es_bar *bar)
{
    const uint32_t turn = self->n_bars & 1u;
    size_t count = 0;

    if (self->parts == UINT32_MAX) {
        return true;
    }
    if (!reserve(&self->heard[turn], &self->heard_capacity[turn], bar->n_notes, sizeof(es_note))) {
        return false;
    }
    for (size_t i = 0; i < bar->n_notes; i++) {
        if (self->parts >> bar->notes[i].part & 1u) {
            self->heard[turn][count++] = bar->notes[i];
        }
    }
    bar->notes = self->heard[turn];
    bar->n_notes = count;
    return true;
}

estro_status estro_composer_restyle(estro_composer *composer, estro_style *style, estro_diag *diag)
{
    if (composer->own_style || !es_same_but_params(composer->style, style->style)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "this is not the style that is played");
    }
    atomic_fetch_add_explicit(&style->holders, 1, memory_order_relaxed);
    es_api_style_release(atomic_exchange_explicit(&composer->wanted, style, memory_order_acq_rel));
    return ESTRO_OK;
}

/*
 * Go on in the style that is wanted, if one is. Those before are held while bars or phrases may still point into them; where many come within
 * a phrase or two, the last ones wait. Where it cannot be gone on in, all goes on as it was.
 */
static void take_style(estro_composer *composer)
{
    const int last = ES_API_TAKEN - 1;

    if (composer->taken[last] && composer->n_phrases < composer->since[last - 1] + 3) {
        return; /* the oldest is still in use */
    }
    estro_style *wanted = atomic_exchange_explicit(&composer->wanted, NULL, memory_order_acquire);
    if (!wanted) {
        return;
    }
    if (es_composer_restyle(composer->composer, wanted->style, NULL) != ESTRO_OK) {
        es_api_style_release(wanted);
        return;
    }
    es_api_style_release(composer->taken[last]);
    for (int i = last; i > 0; i--) {
        composer->taken[i] = composer->taken[i - 1];
        composer->since[i] = composer->since[i - 1];
    }
    composer->taken[0] = wanted;
    composer->since[0] = composer->n_phrases;
}

estro_status es_api_next(estro_composer *composer, es_bar *bar, estro_diag *diag)
{
    take_style(composer);
    ES_TRY(es_composer_next(composer->composer, bar, diag));
    if (composer->again) {
        es_again_compare(composer->again, composer->style, bar);
    }
    ES_TRY(es_api_theme_bar(composer, bar, diag));
    if (!keep_heard(composer, bar)) {
        return es_fail_memory(diag);
    }
    composer->n_bars++;
    composer->n_phrases += bar->phrase_bar == 0;
    if (bar->section && strlen(composer->form) + strlen(bar->section) + 2 < ES_API_FORM) {
        es_append(composer->form, ES_API_FORM, "%s%s", composer->form[0] ? " " : "", bar->section);
    }
    return ESTRO_OK;
}

static const char *write_chords(estro_composer *self, const es_bar *bar)
{
    char symbol[ES_CHORD_TEXT];

    self->beat_chords[0] = '\0';
    for (int beat = 0; beat < bar->n_beats; beat++) {
        es_chord_symbol(symbol, sizeof symbol, bar->chord[beat], &bar->key);
        es_append(self->beat_chords, sizeof self->beat_chords, "%s%s", beat ? " " : "", symbol);
    }
    return self->beat_chords;
}

estro_status estro_composer_next(estro_composer *composer, estro_bar *bar, estro_diag *diag)
{
    const uint32_t turn = composer->n_bars & 1u;
    es_bar inner;

    es_diag_init(diag, NULL);
    ES_TRY(es_api_next(composer, &inner, diag));
    if (!reserve(&composer->notes[turn], &composer->notes_capacity[turn], inner.n_notes,
                 sizeof(estro_note))) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < inner.n_notes; i++) {
        const es_note *note = &inner.notes[i];
        composer->notes[turn][i] = (estro_note){.start = note->start,
                                                .duration = note->duration,
                                                .key = note->key,
                                                .part = note->part,
                                                .line = note->line,
                                                .accent = note->accent};
    }
    *bar = (estro_bar){
        .index = inner.index,
        .start = inner.start,
        .length = inner.length,
        .meter_numerator = inner.meter.numerator,
        .meter_denominator = inner.meter.denominator,
        .tempo = inner.tempo,
        .section = inner.section,
        .is_cadence = inner.is_cadence,
        .is_last = inner.is_last,
        .chords = write_chords(composer, &inner),
        .notes = composer->notes[turn],
        .n_notes = inner.n_notes,
    };
    return ESTRO_OK;
}

void estro_composer_finish(estro_composer *composer)
{
    es_composer_finish(composer->composer);
}

estro_frame estro_composer_frame(const estro_composer *composer)
{
    const es_plan_frame *inner = es_composer_frame(composer->composer);
    estro_frame frame = {
        .tempo = inner->tempo,
        .meter_numerator = inner->meter.numerator,
        .meter_denominator = inner->meter.denominator,
        .bars = inner->n_bars,
        .phrases = inner->n_phrases,
    };

    es_key_write(frame.key, sizeof frame.key, inner->key);
    return frame;
}

const char *estro_composer_about(const estro_composer *composer)
{
    return composer->about;
}

const char *estro_composer_form(const estro_composer *composer)
{
    return composer->form;
}

const char *estro_composer_unchanged(const estro_composer *composer)
{
    return composer->again ? composer->again->same : "";
}

estro_compose_stats estro_composer_stats(const estro_composer *composer)
{
    const es_compose_stats inner = es_composer_stats(composer->composer);

    return (estro_compose_stats){
        .draws = inner.draws,
        .forced = inner.forced,
        .mean_z = inner.draws ? inner.sum_z / (double)inner.draws : 1,
        .nats_model = 0 - inner.log_p_model,
        .nats_sampler = 0 - inner.log_p_sampler,
        .redrawn_instants = inner.redrawn_instants,
        .redrawn_bars = inner.redrawn_bars,
        .redrawn_phrases = inner.redrawn_phrases,
    };
}
