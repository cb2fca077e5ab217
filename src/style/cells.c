/*
 * Cells. A derivation is walked leaf by leaf; at each step only what can still fill the rest of the span is tried (the
 * tables of grammar.h), so every walk ends in a cell. What is still to come is a chain of frames on the C stack, as
 * long as the cell has leaves and as deep as its rules.
 */
#include "style/cells.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_CELL_HITS = 512, /* Of a cell that rules make. */
    MAX_WALK = 1 << 21,  /* Steps and notes of all patterns together. */
    MAX_DEPTH = 4096,    /* Frames. */
    MAX_CONDITIONS = 64, /* Of a cell. */
    NOWHERE = 64         /* Bars of a groove that has no place in a metre. */
};

/* ---- grooves ---- */

static es_hit drum_hit(char step, uint8_t key, es_tick start, es_tick duration)
{
    return (es_hit){.start = start,
                    .duration = duration,
                    .tone = ES_TONE_ANY,
                    .accent = (int8_t)(step == 'X'   ? 1
                                       : step == 'o' ? -1
                                                     : 0),
                    .drum = key,
                    .chance = (uint8_t)(step >= '1' && step <= '9' ? (step - '0') * 10 : 100),
                    .marks = (uint16_t)(step == 'f'   ? 1 << ES_MARK_GRACE
                                        : step == 'z' ? 1 << ES_MARK_ROLL
                                                      : 0)};
}

/* Steps of a row, blanks and bars aside. */
static uint32_t count_steps(const es_drum_row *row)
{
    uint32_t count = 0;

    for (size_t i = 0; i < row->length; i++) {
        count += row->steps[i] != '|' && row->steps[i] != ' ';
    }
    return count;
}

/* By start; at one instant in the order of the rows. */
static void insert_hit(es_hit *hits, uint32_t count, es_hit hit)
{
    while (count > 0 && hits[count - 1].start > hit.start) {
        hits[count] = hits[count - 1];
        count--;
    }
    hits[count] = hit;
}

static estro_status make_groove(es_build *build, es_groove *groove, es_meter meter)
{
    size_t capacity = 0;
    es_hit *hits;

    groove->n_hits = 0;
    for (const es_drum_row *row = groove->rows; row; row = row->next) {
        const uint32_t steps = count_steps(row);
        if (steps == 0 || steps > ES_MAX_GROOVE_STEPS) {
            return es_build_fail(build, ESTRO_ERR_STYLE, row->place,
                                 "a drum has 1 to %d steps, not %u", ES_MAX_GROOVE_STEPS,
                                 (unsigned)steps);
        }
        if (groove->span % steps && !es_meter_equal(meter, build->style->meter)) {
            groove->span = 0;
            return ESTRO_OK;
        }
        if (groove->span % steps) {
            return es_build_fail(build, ESTRO_ERR_STYLE, row->place,
                                 "%u steps do not divide %u bar%s evenly", (unsigned)steps,
                                 (unsigned)groove->bars, groove->bars > 1 ? "s" : "");
        }
        capacity += steps;
    }
    build->n_hits += capacity;
    if (capacity > ES_MAX_CELL_HITS || build->n_hits > ES_MAX_HITS) {
        return es_build_fail(build, ESTRO_ERR_STYLE, groove->name.place,
                             "this groove is too large");
    }
    hits = es_arena_calloc(&build->style->arena, capacity, sizeof *hits);
    if (!hits) {
        return es_build_no_memory(build);
    }
    groove->hits = hits;
    for (const es_drum_row *row = groove->rows; row; row = row->next) {
        const es_tick step = groove->span / count_steps(row);
        es_tick start = 0;
        for (size_t i = 0; i < row->length; i++) {
            const char c = row->steps[i];
            if (c != '|' && c != ' ') {
                if (c != '.') {
                    insert_hit(hits, groove->n_hits++, drum_hit(c, row->key, start, step));
                }
                start += step;
            }
        }
    }
    return ESTRO_OK;
}

estro_status es_grooves_make(es_build *build, es_meter meter)
{
    es_hit_tree *leaves = build->tree.rhythm.leaves;

    for (es_groove *groove = build->tree.grooves; groove; groove = groove->next) {
        groove->span = groove->bars * es_meter_bar(meter);
        if (!groove->name.place.source || groove->is_used) {
            ES_TRY(make_groove(build, groove, meter));
        }
        if (groove->leaf) {
            leaves[groove->leaf - 1].hit.duration =
                groove->span ? groove->span : NOWHERE * es_meter_bar(meter);
        }
    }
    return ESTRO_OK;
}

estro_status es_groove_use(es_build *build, es_groove *groove)
{
    return groove->hits ? ESTRO_OK : make_groove(build, groove, build->style->meter);
}

estro_status es_cells_groove(es_pattern *pattern, es_build *build, const es_groove *groove,
                             es_place place)
{
    if (!groove->span) {
        return es_build_fail(build, ESTRO_ERR_STYLE, place,
                             "the steps of '%s' do not divide a bar of %d/%d", groove->name.text,
                             pattern->meter.numerator, pattern->meter.denominator);
    }
    es_cell *cell = es_arena_calloc(&build->style->arena, 1, sizeof *cell);

    if (!cell) {
        return es_build_no_memory(build);
    }
    *cell = (es_cell){.weight = 1, .n_hits = groove->n_hits, .hits = groove->hits};
    pattern->name = groove->name.text;
    pattern->line = es_line_of(groove->name.place);
    pattern->bars = groove->bars;
    pattern->n_cells = 1;
    pattern->cells = cell;
    pattern->is_drums = true;
    return ESTRO_OK;
}

/* ---- the walk ---- */

enum { N_SPANS = 4, N_BUCKETS = 256 };

/* A cell that was found, and the one before it in its bucket: index + 1. */
typedef struct listed {
    es_cell cell;
    uint32_t next;
} listed;

struct es_cell_lister {
    es_build *build;
    const es_grammar *grammar;
    const uint32_t *order;
    const es_hit_tree *leaves;
    uint32_t unit, bar; /* Ticks to a unit, units to a bar. */
    es_tick beat;
    es_lengths tables[N_SPANS]; /* For 1, 2, 4, 8 bars; made when first needed. */
    const es_lengths *lengths;  /* Of the present pattern. */
    es_place place;
    const char *name;
    uint16_t path[MAX_CELL_HITS]; /* Leaves so far. */
    uint32_t n_path;
    es_tick at;                              /* Length of the path. */
    es_condition conditions[MAX_CONDITIONS]; /* Of the rules that it was made with, and where. */
    uint32_t n_conditions;
    es_hit *hits; /* Of the cell being made; grown. */
    size_t hits_capacity;
    uint32_t n_steps, depth;
    listed *cells; /* Grown. */
    size_t cells_capacity;
    uint32_t n_cells;
    uint32_t buckets[N_BUCKETS]; /* Cells by the hash of their hits: index + 1. */
    bool any_drums, any_hits;
};

typedef struct es_cell_lister walk;

/* What is to come: items of a rule from `item` on, filling `length`, and then `after`. */
typedef struct frame {
    const es_rule *rule;
    uint32_t item; /* Counted within the rule. */
    uint32_t length;
    const struct frame *after;
} frame;

static uint32_t hash_hits(const es_hit *hits, uint32_t count)
{
    uint64_t hash = count;

    for (uint32_t i = 0; i < count; i++) {
        const es_hit *h = &hits[i];
        hash = (hash ^ (uint64_t)h->start) * UINT64_C(0x100000001b3);
        hash = (hash ^ (uint64_t)h->duration) * UINT64_C(0x100000001b3);
        hash =
            (hash ^ h->tone ^ (uint64_t)h->member << 8 ^ (uint64_t)(h->octave + 8) << 16 ^
             (uint64_t)(h->accent + 1) << 24 ^ (uint64_t)h->drum << 32 ^ (uint64_t)h->chance << 40 ^
             (uint64_t)(h->contour + 1) << 48 ^ (uint64_t)h->marks << 50) *
            UINT64_C(0x100000001b3);
    }
    return (uint32_t)(hash >> 32) % N_BUCKETS;
}

static bool same_hits(const es_hit *a, const es_hit *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].start != b[i].start || a[i].duration != b[i].duration || a[i].tone != b[i].tone ||
            a[i].member != b[i].member || a[i].octave != b[i].octave ||
            a[i].accent != b[i].accent || a[i].drum != b[i].drum || a[i].chance != b[i].chance ||
            a[i].contour != b[i].contour || a[i].marks != b[i].marks) {
            return false;
        }
    }
    return true;
}

/* The hits of the present path. */
static estro_status collect_hits(walk *w, uint32_t *count)
{
    es_tick at = 0;

    *count = 0;
    for (uint32_t i = 0; i < w->n_path; i++) {
        const es_hit_tree *leaf = &w->leaves[w->path[i]];
        const es_hit *from = leaf->groove ? leaf->groove->hits : &leaf->hit;
        const uint32_t n = leaf->groove ? leaf->groove->n_hits : 1;
        if (*count + n > MAX_CELL_HITS) {
            return es_build_fail(w->build, ESTRO_ERR_STYLE, w->place,
                                 "a way to fill '%s' has more than %d notes", w->name,
                                 MAX_CELL_HITS);
        }
        for (uint32_t k = 0; k < n; k++) {
            if (!es_arena_grow(&w->build->scratch, &w->hits, *count, &w->hits_capacity,
                               sizeof *w->hits)) {
                return es_build_no_memory(w->build);
            }
            w->hits[*count] = from[k];
            w->hits[(*count)++].start += at;
        }
        w->any_drums |= leaf->groove != NULL;
        w->any_hits |= !leaf->groove;
        at += leaf->hit.duration;
    }
    return ESTRO_OK;
}

static estro_status fail_many(walk *w)
{
    return es_build_fail(w->build, ESTRO_ERR_STYLE, w->place,
                         "'%s' can be filled in more than %d ways; make its rules narrower",
                         w->name, ES_MAX_CELLS);
}

static bool same_conditions(const es_condition *a, const es_condition *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].at != b[i].at || a[i].subject != b[i].subject || a[i].sign != b[i].sign ||
            a[i].value != b[i].value || a[i].word != b[i].word) {
            return false;
        }
    }
    return true;
}

static bool is_cell(const walk *w, const es_cell *cell, uint32_t n_hits)
{
    return cell->n_hits == n_hits && cell->n_conditions == w->n_conditions &&
           same_hits(cell->hits, w->hits, n_hits) &&
           same_conditions(cell->conditions, w->conditions, w->n_conditions);
}

/* The path is complete: a new cell, or more weight for one that sounds the same. */
static estro_status add_cell(walk *w, double weight)
{
    uint32_t count;

    ES_TRY(collect_hits(w, &count));
    const es_hit *hits = w->hits;
    w->n_steps += count;
    uint32_t *bucket = &w->buckets[hash_hits(hits, count)];
    for (uint32_t i = *bucket; i; i = w->cells[i - 1].next) {
        es_cell *cell = &w->cells[i - 1].cell;
        if (is_cell(w, cell, count)) {
            cell->weight += weight;
            return ESTRO_OK;
        }
    }
    w->build->n_hits += count;
    if (w->n_cells == ES_MAX_CELLS || w->build->n_hits > ES_MAX_HITS) {
        return fail_many(w);
    }
    es_hit *kept = es_arena_calloc(&w->build->style->arena, count ? count : 1, sizeof *kept);
    es_condition *conditions = es_arena_calloc(
        &w->build->style->arena, w->n_conditions ? w->n_conditions : 1, sizeof *conditions);
    if (!kept || !conditions ||
        !es_arena_grow(&w->build->scratch, &w->cells, w->n_cells, &w->cells_capacity,
                       sizeof *w->cells)) {
        return es_build_no_memory(w->build);
    }
    if (count) {
        memcpy(kept, hits, count * sizeof *kept);
    }
    memcpy(conditions, w->conditions, w->n_conditions * sizeof *conditions);
    w->cells[w->n_cells] = (listed){{weight, count, kept, w->n_conditions, conditions}, *bucket};
    *bucket = ++w->n_cells;
    return ESTRO_OK;
}

static estro_status walk_frame(walk *w, const frame *f, double weight);

/* Take the conditions of a rule that begins here along; those on the beat are decided. */
static estro_status ask(walk *w, const es_rule *rule, bool *is_there)
{
    const es_tick bar = (es_tick)w->bar * w->unit;
    const int beat = (int)(w->at % bar / w->beat) + 1;

    for (uint32_t i = 0; i < rule->n_conditions; i++) {
        es_condition condition = rule->conditions[i];
        if (condition.subject == ES_SUBJECT_BEAT) {
            *is_there &= es_condition_compare(&condition, beat);
            continue;
        }
        if (w->n_conditions == MAX_CONDITIONS) {
            return es_build_fail(w->build, ESTRO_ERR_STYLE, w->place,
                                 "a way to fill '%s' has more than %d conditions", w->name,
                                 MAX_CONDITIONS);
        }
        condition.at = w->at;
        w->conditions[w->n_conditions++] = condition;
    }
    return ESTRO_OK;
}

/* One item of length `length`, then the rest of its rule, `rest`, or what comes after. */
static estro_status walk_item(walk *w, es_item item, uint32_t length, const frame *rest,
                              double weight)
{
    if (item.is_leaf) {
        if (w->n_path == MAX_CELL_HITS) {
            return fail_many(w);
        }
        const es_tick duration = w->leaves[item.index].hit.duration;
        w->path[w->n_path++] = item.index;
        w->at += duration;
        ES_TRY(rest ? walk_frame(w, rest, weight) : add_cell(w, weight));
        w->at -= duration;
        w->n_path--;
        return ESTRO_OK;
    }
    const es_symbol *symbol = &w->grammar->symbols[item.index];
    for (uint32_t r = 0; r < symbol->n_rules; r++) {
        const es_rule *rule = &w->grammar->rules[symbol->first_rule + r];
        const frame inner = {rule, 0, length, rest};
        const uint32_t n_conditions = w->n_conditions;
        bool is_there = es_lengths_tail(w->lengths, rule->first_item, rule->n_items == 1, length);
        ES_TRY(is_there && rule->n_conditions ? ask(w, rule, &is_there) : ESTRO_OK);
        if (is_there) {
            ES_TRY(walk_frame(w, &inner, weight * rule->weight));
        }
        w->n_conditions = n_conditions;
    }
    return ESTRO_OK;
}

/* All lengths that the first item of the frame can have. */
static estro_status walk_lengths(walk *w, const frame *f, double weight)
{
    const uint32_t index = f->rule->first_item + f->item;
    const es_item item = w->grammar->items[index];

    if (f->item + 1 == f->rule->n_items) {
        return walk_item(w, item, f->length, f->after, weight);
    }
    const bool next_is_last = f->item + 2 == f->rule->n_items;
    const uint32_t fixed =
        item.is_leaf ? w->grammar->leaf_length[item.index] / w->lengths->unit : 0;
    for (uint32_t n = item.is_leaf ? fixed : 1; n < f->length; n++) {
        const frame rest = {f->rule, f->item + 1, f->length - n, f->after};
        if ((item.is_leaf || es_lengths_symbol(w->lengths, item.index, n)) &&
            es_lengths_tail(w->lengths, index + 1, next_is_last, f->length - n)) {
            ES_TRY(walk_item(w, item, n, &rest, weight));
        }
        if (item.is_leaf) {
            break;
        }
    }
    return ESTRO_OK;
}

static estro_status walk_frame(walk *w, const frame *f, double weight)
{
    if (++w->n_steps > MAX_WALK || w->depth == MAX_DEPTH) {
        return fail_many(w);
    }
    w->depth++;
    ES_TRY(walk_lengths(w, f, weight));
    w->depth--;
    return ESTRO_OK;
}

/* ---- spans ---- */

static es_tick common_divisor(es_tick a, es_tick b)
{
    while (b) {
        const es_tick rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The largest unit in which the bar and all leaves are whole. */
static es_tick unit_of(es_meter meter, const es_grammar *g)
{
    es_tick unit = es_meter_bar(meter);

    for (uint32_t i = 0; i < g->n_items; i++) {
        if (g->items[i].is_leaf) {
            unit = common_divisor(unit, g->leaf_length[g->items[i].index]);
        }
    }
    return unit;
}

static void write_length(char *out, size_t size, es_tick ticks)
{
    const es_tick step = ES_QUARTER / 4;

    if (ticks % ES_QUARTER == 0) {
        snprintf(out, size, "%d quarter%s", (int)(ticks / ES_QUARTER),
                 ticks == ES_QUARTER ? "" : "s");
    } else if (ticks % step == 0) {
        snprintf(out, size, "%d sixteenth%s", (int)(ticks / step), ticks == step ? "" : "s");
    } else {
        snprintf(out, size, "%.3f quarters", (double)ticks / ES_QUARTER);
    }
}

/* No span fits: say which length comes nearest to a bar. */
static estro_status fail_span(walk *w, uint32_t symbol)
{
    const uint32_t bar = w->bar;
    char have[40], want[40];
    uint32_t below = bar, above = bar;

    while (below > 0 && !es_lengths_symbol(w->lengths, symbol, below)) {
        below--;
    }
    while (above <= w->lengths->max_length && !es_lengths_symbol(w->lengths, symbol, above)) {
        above++;
    }
    const uint32_t near =
        below && (above > w->lengths->max_length || bar - below <= above - bar) ? below : above;
    write_length(want, sizeof want, (es_tick)bar * w->unit);
    if (near > w->lengths->max_length) {
        return es_build_fail(w->build, ESTRO_ERR_STYLE, w->place,
                             "'%s' fills no span of 1, 2, 4 or 8 bars: it is longer", w->name);
    }
    const uint32_t off = near > bar ? near - bar : bar - near;
    write_length(have, sizeof have, (es_tick)off * w->unit);
    return es_build_fail(
        w->build, ESTRO_ERR_STYLE, w->place,
        "'%s' does not fill a bar of %s (nor 2, 4 or 8): the nearest way is %s too %s", w->name,
        want, have, near > bar ? "long" : "short");
}

/* The smallest span that the symbol can fill. */
static estro_status find_span(walk *w, uint32_t symbol, uint16_t *bars)
{
    *bars = 1;
    for (int i = 0; i < N_SPANS; i++) {
        es_lengths *table = &w->tables[i];
        if (!table->grammar) {
            ES_TRY(es_lengths_make(table, w->build, w->grammar, w->order, *bars * w->bar, w->unit,
                                   w->place));
        }
        w->lengths = table;
        if (es_lengths_symbol(table, symbol, table->max_length)) {
            return ESTRO_OK;
        }
        *bars = (uint16_t)(*bars * 2);
    }
    return fail_span(w, symbol);
}

es_cell_lister *es_cell_lister_new(es_build *build, const es_grammar *grammar,
                                   const uint32_t *order, es_meter meter)
{
    walk *w = es_build_scratch(build, 1, sizeof *w);

    if (!w) {
        return NULL;
    }
    w->build = build;
    w->grammar = grammar;
    w->order = order;
    w->leaves = build->tree.rhythm.leaves;
    w->unit = (uint32_t)unit_of(meter, grammar);
    w->bar = (uint32_t)(es_meter_bar(meter) / w->unit);
    w->beat = es_meter_beat(meter);
    return w;
}

/* The cells into the style, weights summing to 1; those whose weight is lost in rounding are left out. */
static estro_status keep_cells(walk *w, es_pattern *pattern)
{
    double sum = 0;
    uint32_t count = 0;

    for (uint32_t i = 0; i < w->n_cells; i++) {
        sum += w->cells[i].cell.weight;
    }
    es_cell *cells = es_arena_calloc(&w->build->style->arena, w->n_cells, sizeof *cells);
    if (!cells) {
        return es_build_no_memory(w->build);
    }
    for (uint32_t i = 0; i < w->n_cells; i++) {
        if (sum > 0 && w->cells[i].cell.weight / sum > 0) {
            cells[count] = w->cells[i].cell;
            cells[count++].weight /= sum;
        }
    }
    if (!w->n_cells) {
        return es_build_fail(w->build, ESTRO_ERR_STYLE, w->place,
                             "the conditions on the beat leave no way to fill '%s'", w->name);
    }
    if (!count) {
        return es_build_fail(w->build, ESTRO_ERR_STYLE, w->place,
                             "the weights of '%s' are too small to tell apart", w->name);
    }
    pattern->cells = cells;
    pattern->n_cells = count;
    pattern->is_drums = w->any_drums;
    return ESTRO_OK;
}

estro_status es_cells_list(es_cell_lister *w, es_pattern *pattern, uint32_t symbol, es_place place)
{
    const es_item start = {false, (uint16_t)symbol};

    w->place = place;
    w->name = pattern->name;
    w->n_path = w->depth = w->n_cells = w->n_conditions = 0;
    w->at = 0;
    w->any_drums = w->any_hits = false;
    memset(w->buckets, 0, sizeof w->buckets);
    ES_TRY(find_span(w, symbol, &pattern->bars));
    ES_TRY(walk_item(w, start, w->lengths->max_length, NULL, 1));
    if (w->any_drums && w->any_hits) {
        return es_build_fail(w->build, ESTRO_ERR_STYLE, place, "'%s' mixes grooves and notes",
                             pattern->name);
    }
    return keep_cells(w, pattern);
}
