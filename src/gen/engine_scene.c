/*
 * What the engine shows to those who draw a bar of a group: its chance, and its scene.
 */
#include "gen/engine.h"

/* A bar that cannot be said again note for note is so many times drawn with what it said as the likelier way, less and less so. */
enum { MOST_ECHOES = 3, ECHO_WEIGHT = 400 };

/* ---- chance ---- */

/* The parts that a number of a group in an address stands for: of the group, or one part of drums. */
static uint32_t parts_of(const es_engine *engine, uint32_t group)
{
    uint32_t parts = 0;

    if (group >= ES_DRUM_ADDRESS) {
        return (uint32_t)1 << (group - ES_DRUM_ADDRESS);
    }
    for (int i = 0; i < engine->style->groups[group].n_parts; i++) {
        parts |= (uint32_t)1 << engine->style->groups[group].part[i];
    }
    return parts;
}

es_rng es_engine_rng(const es_engine *engine, es_purpose purpose, uint16_t bar, uint32_t group,
                     uint64_t attempt)
{
    const es_tick tick = engine->beats.start + bar * engine->beats.bar;
    const uint64_t seed = es_given_seed(engine->options.given, parts_of(engine, group), tick,
                                        engine->options.plan.seed);

    return es_rng_at(seed, purpose, engine->address[0], (uint64_t)bar * 64 + group,
                     engine->address[1] << 32 | engine->address[2] << 16 | attempt);
}

/* ---- the scene ---- */

/* What a group says again in a bar. Where another texture lets some part of it play otherwise, it is drawn anew. */
static const es_quote *quote_of_bar(const es_engine *engine, uint32_t group, uint16_t bar)
{
    const bool is_anew = engine->given && engine->given->is_anew;
    const uint32_t repeats = engine->beats.phrase->bar[bar].repeats;

    return (parts_of(engine, group) & ~repeats) == 0 && !is_anew ? engine->quote : NULL;
}

/* What the user asked for comes first, then what the group says. */
static uint32_t most_copied(const es_engine *engine, uint32_t group)
{
    const int32_t said = engine->style->groups[group].copy;
    const bool is_usual = engine->options.max_copy == ES_USUAL_COPY;

    return is_usual && said >= 0 ? (uint32_t)said : engine->options.max_copy;
}

void es_engine_scene(es_engine *engine, uint32_t group, uint16_t bar, es_scene *out)
{
    const es_quote *said = quote_of_bar(engine, group, bar);
    const bool is_free = engine->unquoted >> group & 1;
    const uint64_t tries = engine->address[2];
    const es_tick start = engine->beats.start + bar * engine->beats.bar;
    const es_tick copied = said ? engine->beats.phrase->bar[bar].copy * said->bar : 0;

    *out = (es_scene){
        .style = engine->style,
        .quote = is_free && tries > MOST_ECHOES ? NULL : said,
        .is_exact = said && !is_free,
        .echo_weight = ECHO_WEIGHT / (double)(1 + 4 * tries),
        .promised =
            (parts_of(engine, group) & ~engine->promised_parts) == 0 ? engine->promised : NULL,
        .promised_start = engine->promised_start,
        .promised_semitones = engine->promised_semitones,
        .quote_shift = {said ? start - (said->start + copied) : 0, engine->beats.phrase->shift},
        .given = engine->given,
        .beats = &engine->beats,
        .cast = &engine->cast[group],
        .book = &engine->book[group],
        .lines = engine->state->line,
        .rhythms = engine->state->rhythm,
        .tracks = engine->track,
        .is_modelled = engine->writer[group] != NULL,
        .budget = es_budget_of(engine->writer[group] ? engine->writer[group]->model : NULL,
                               most_copied(engine, group), engine->state->copied),
        .restrikes = engine->writer[group] && engine->writer[group]->model->coding.has_onsets,
        .known = start + engine->beats.bar};
}
