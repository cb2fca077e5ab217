/*
 * Instantiation. A symbol is a rule with the values of its arguments, or a parenthesis within one; it is made into
 * plain rules when its turn in the list of symbols comes, and what those name is added at the end of the list. The
 * number of symbols is bounded, so an expansion without end is found.
 */
#include "style/expand.h"

#include "base/text.h"

#include "style/blocks.h"
#include "style/cells.h"
#include "style/grammar.h"
#include "style/parse.h"
#include "style/subject.h"

#include <stdio.h>
#include <string.h>

/** A symbol to be made: its alternatives, under these values of the head's variables. */
typedef struct es_instance {
    const es_head *head;
    es_alternative *alternatives;
    const es_value *values; /* [n_values] */
    uint32_t n_values;
    int symbol;
    es_place call_place;      /* Where it was first asked for. */
    struct es_instance *next; /* Of the same name; parentheses are in no list. */
} es_instance;

void es_expand_init(es_expander *expander, es_build *build, es_block *block)
{
    *expander = (es_expander){.build = build, .block = block};
    block->origins = NULL;
    block->origin_capacity = 0;
    for (es_def *def = block->defs; def; def = def->next) {
        def->instances = NULL;
    }
}

static bool same_value(const es_value *a, const es_value *b)
{
    return a->number == b->number && !a->word == !b->word &&
           (!a->word || strcmp(a->word, b->word) == 0);
}

/* ---- heads ---- */

static bool head_takes(const es_head *head, const es_value *values, uint32_t n_values)
{
    if (head->n_args != n_values) {
        return false;
    }
    for (uint32_t i = 0; i < n_values; i++) {
        const es_arg *arg = &head->args[i];
        const es_value wanted = {arg->kind == ES_ARG_WORD ? arg->word : NULL, arg->number};
        if ((arg->kind == ES_ARG_NUMBER || arg->kind == ES_ARG_WORD) &&
            !same_value(&wanted, &values[i])) {
            return false;
        }
    }
    return true;
}

static es_head *find_head(const es_def *def, const es_value *values, uint32_t n_values)
{
    es_head *head = def ? def->heads : NULL;

    while (head && !head_takes(head, values, n_values)) {
        head = head->next;
    }
    return head;
}

bool es_expand_has(const es_expander *expander, const char *name, const es_value *values,
                   uint32_t n_values)
{
    return find_head(es_block_find(expander->block, name), values, n_values) != NULL;
}

static size_t append(char *out, size_t size, size_t used, const char *text)
{
    while (*text && used + 1 < size) {
        out[used++] = *text++;
    }
    out[used] = '\0';
    return used;
}

/* "name(a,b)"; cut where it does not fit. */
static void write_name(char *out, size_t size, const char *name, const es_value *values,
                       uint32_t n_values)
{
    size_t used = append(out, size, 0, name);
    char number[16];

    for (uint32_t i = 0; i < n_values; i++) {
        used = append(out, size, used, i ? "," : "(");
        if (!values[i].word) {
            snprintf(number, sizeof number, "%d", (int)values[i].number);
        }
        used = append(out, size, used, values[i].word ? values[i].word : number);
    }
    append(out, size, used, n_values ? ")" : "");
}

/* ---- symbols ---- */

static estro_status add_symbol(es_expander *x, es_instance *instance, const char *name,
                               int32_t line)
{
    es_build *build = x->build;
    es_grammar *g = &x->grammar;

    if (g->n_symbols == ES_MAX_SYMBOLS) {
        return es_build_fail(build, ESTRO_ERR_STYLE, instance->call_place,
                             "the expansion of '%s' does not end: %d instances are made already",
                             instance->head->def->name, ES_MAX_SYMBOLS);
    }
    if (!es_arena_grow(&build->scratch, &g->symbols, g->n_symbols, &x->symbol_capacity,
                       sizeof *g->symbols) ||
        !es_arena_grow(&build->scratch, &x->instances, g->n_symbols, &x->instance_capacity,
                       sizeof *x->instances)) {
        return es_build_no_memory(build);
    }
    instance->symbol = (int)g->n_symbols;
    x->instances[g->n_symbols] = instance;
    es_symbol *symbol = &g->symbols[g->n_symbols++];
    symbol->line = line;
    symbol->name = es_arena_text(&build->style->arena, name, strlen(name));
    return symbol->name ? ESTRO_OK : es_build_no_memory(build);
}

/* No head takes the values: say which there are. */
static estro_status fail_no_head(es_expander *x, const es_word *name, const es_def *def,
                                 const es_value *values, uint32_t n_values)
{
    char wanted[96], have[128] = "";

    write_name(wanted, sizeof wanted, name->text, values, n_values);
    for (const es_head *h = def->heads; h; h = h->next) {
        es_value shown[ES_MAX_ARGUMENTS];
        char one[64];
        for (uint32_t i = 0; i < h->n_args; i++) {
            shown[i] = (es_value){h->args[i].kind == ES_ARG_NUMBER ? NULL : h->args[i].word,
                                  h->args[i].number};
        }
        write_name(one, sizeof one, def->name, shown, h->n_args);
        es_append(have, sizeof have, "%s%s", *have ? ", " : "", one);
    }
    return es_build_fail(x->build, ESTRO_ERR_STYLE, name->place, "no rule takes '%s'; there are %s",
                         wanted, have);
}

/* The symbol of a name with values; a new one is added to the list. */
static estro_status symbol_of(es_expander *x, const es_word *name, es_def *def,
                              const es_value *values, uint32_t n_values, int *symbol)
{
    char text[160];
    es_head *head = find_head(def, values, n_values);

    if (!head) {
        return fail_no_head(x, name, def, values, n_values);
    }
    for (const es_instance *i = def->instances; i; i = i->next) {
        uint32_t k = 0;
        while (i->n_values == n_values && k < n_values && same_value(&i->values[k], &values[k])) {
            k++;
        }
        if (i->n_values == n_values && k == n_values) {
            *symbol = i->symbol;
            return ESTRO_OK;
        }
    }
    es_instance *instance = es_build_scratch(x->build, 1, sizeof *instance);
    es_value *kept = es_build_scratch(x->build, n_values, sizeof *kept);
    if (!instance || !kept) {
        return es_build_no_memory(x->build);
    }
    if (n_values) {
        memcpy(kept, values, n_values * sizeof *values);
    }
    head->is_used = true;
    instance->head = head;
    instance->alternatives = head->alternatives;
    instance->n_values = n_values;
    instance->call_place = name->place;
    instance->values = kept;
    instance->next = def->instances;
    def->instances = instance;
    write_name(text, sizeof text, def->name, values, n_values);
    ES_TRY(add_symbol(x, instance, text, es_line_of(head->place)));
    *symbol = instance->symbol;
    return ESTRO_OK;
}

estro_status es_expand_root(es_expander *expander, const es_word *name, const es_value *values,
                            uint32_t n_values, int *symbol)
{
    es_def *def = es_block_find(expander->block, name->text);

    if (!def) {
        return es_block_unknown(expander->build, expander->block, name);
    }
    return symbol_of(expander, name, def, values, n_values, symbol);
}

/* ---- values ---- */

static es_bindings scope_of(const es_instance *instance)
{
    return (es_bindings){instance->head, instance->values};
}

/* A parenthesis becomes a symbol of its own. */
static estro_status group_symbol(es_expander *x, const es_instance *owner,
                                 const es_element *element, int *symbol)
{
    char text[160];
    es_instance *instance = es_build_scratch(x->build, 1, sizeof *instance);

    if (!instance) {
        return es_build_no_memory(x->build);
    }
    *instance = *owner;
    instance->next = NULL;
    instance->alternatives = element->group;
    instance->call_place = element->place;
    snprintf(text, sizeof text, "%.120s.%d", x->grammar.symbols[owner->symbol].name,
             (int)x->grammar.n_symbols);
    ES_TRY(add_symbol(x, instance, text, es_line_of(element->place)));
    *symbol = instance->symbol;
    return ESTRO_OK;
}

/* ---- phrases with variables ---- */

/* A variable of a phrase, as a number in its range or an argument. */
static estro_status settle(es_expander *x, const es_instance *instance, es_arg *arg)
{
    es_value value;

    ES_TRY(es_arg_value(x->build, scope_of(instance), arg, &value));
    arg->kind = value.word ? ES_ARG_WORD : ES_ARG_NUMBER;
    arg->word = value.word;
    arg->number = value.number;
    return ESTRO_OK;
}

static estro_status settle_number(es_expander *x, const es_instance *instance, es_arg *arg, int low,
                                  int high, const char *what)
{
    ES_TRY(settle(x, instance, arg));
    if (arg->word || arg->number < low || arg->number > high) {
        char value[64];
        snprintf(value, sizeof value, "%d", (int)arg->number);
        return es_build_fail(x->build, ESTRO_ERR_STYLE, arg->place, "%s must be %d to %d, it is %s",
                             what, low, high, arg->word ? arg->word : value);
    }
    return ESTRO_OK;
}

static bool same_phrase(const es_phrase_tree *a, const es_phrase_tree *b)
{
    for (uint32_t i = 0; i < a->over.n_args; i++) {
        const es_value x = {a->over.args[i].word, a->over.args[i].number};
        const es_value y = {b->over.args[i].word, b->over.args[i].number};
        if (!same_value(&x, &y)) {
            return false;
        }
    }
    return a->leaf.bars == b->leaf.bars && memcmp(a->leaf.level, b->leaf.level, 2) == 0 &&
           memcmp(a->leaf.tension, b->leaf.tension, 2) == 0;
}

/* The phrase that a model stands for under the values of an instance: a leaf of its own, once. */
static estro_status phrase_leaf(es_expander *x, const es_instance *instance, uint32_t model,
                                uint32_t *leaf)
{
    const es_phrase_tree *phrases = x->block->leaves;
    es_phrase_tree one = phrases[model];
    const uint32_t n_args = one.over.n_args;
    es_arg *args = es_build_scratch(x->build, n_args, sizeof *args);

    if (!args) {
        return es_build_no_memory(x->build);
    }
    for (uint32_t i = 0; i < n_args; i++) {
        args[i] = one.over.args[i];
        ES_TRY(settle(x, instance, &args[i]));
    }
    one.over.args = args;
    ES_TRY(settle_number(x, instance, &one.bars, 1, ES_MAX_PHRASE_BARS, "the number of bars"));
    for (int i = 0; i < 2; i++) {
        ES_TRY(settle_number(x, instance, &one.level[i], 0, 9, "a level"));
        ES_TRY(settle_number(x, instance, &one.tension[i], 0, 9, "a tension"));
        one.leaf.level[i] = (uint8_t)one.level[i].number;
        one.leaf.tension[i] = (uint8_t)one.tension[i].number;
    }
    one.leaf.bars = (uint16_t)one.bars.number;
    one.is_model = false;
    for (*leaf = one.instances; *leaf; *leaf = phrases[*leaf - 1].instances) {
        if (same_phrase(&phrases[*leaf - 1], &one)) {
            (*leaf)--;
            return ESTRO_OK;
        }
    }
    es_phrase_tree *added =
        x->block->n_leaves < UINT16_MAX ? es_block_add_leaf(x->build, x->block, leaf) : NULL;
    if (!added) {
        return es_build_no_memory(x->build);
    }
    *added = one;
    ((es_phrase_tree *)x->block->leaves)[model].instances = *leaf + 1;
    return ESTRO_OK;
}

/* ---- right sides ---- */

static estro_status element_item(es_expander *x, const es_instance *instance,
                                 const es_element *element, es_item *item)
{
    es_value values[ES_MAX_ARGUMENTS];
    int symbol = 0;

    if (element->kind == ES_ELEMENT_LEAF) {
        uint32_t leaf = element->leaf;
        if (x->block->kind == ES_BLOCK_FORM &&
            ((const es_phrase_tree *)x->block->leaves)[leaf].is_model) {
            ES_TRY(phrase_leaf(x, instance, leaf, &leaf));
        }
        es_groove *groove = x->block->kind == ES_BLOCK_RHYTHM
                                ? ((const es_hit_tree *)x->block->leaves)[leaf].groove
                                : NULL;
        ES_TRY(groove ? es_groove_use(x->build, groove) : ESTRO_OK);
        *item = (es_item){true, (uint16_t)leaf};
        return ESTRO_OK;
    }
    if (element->kind == ES_ELEMENT_GROUP) {
        ES_TRY(group_symbol(x, instance, element, &symbol));
    } else {
        const es_call *call = element->call;
        for (uint32_t i = 0; i < call->n_args; i++) {
            ES_TRY(es_arg_value(x->build, scope_of(instance), &call->args[i], &values[i]));
        }
        ES_TRY(symbol_of(x, &call->name, call->def, values, call->n_args, &symbol));
    }
    *item = (es_item){false, (uint16_t)symbol};
    return ESTRO_OK;
}

/* Conditions that are decided later. */
static estro_status keep_conditions(es_expander *x, const es_instance *instance,
                                    const es_comparison *comparisons, es_rule *rule)
{
    uint32_t count = 0;

    for (const es_comparison *c = comparisons; c; c = c->next) {
        count += c->is_late;
    }
    es_condition *kept =
        count ? es_arena_calloc(&x->build->style->arena, count, sizeof *kept) : NULL;
    if (count && !kept) {
        return es_build_no_memory(x->build);
    }
    for (const es_comparison *c = comparisons; c; c = c->next) {
        es_result right;
        if (c->is_late) {
            ES_TRY(es_expr_value(x->build, scope_of(instance), c->right, &right));
            ES_TRY(es_subject_condition(x->build, c, &right, &kept[rule->n_conditions++]));
        }
    }
    rule->conditions = kept;
    return ESTRO_OK;
}

static estro_status add_rule(es_expander *x, const es_instance *instance,
                             es_alternative *alternative, double weight)
{
    es_build *build = x->build;
    es_grammar *g = &x->grammar;

    if (!es_arena_grow(&build->scratch, &g->rules, g->n_rules, &x->rule_capacity,
                       sizeof *g->rules) ||
        !es_arena_grow(&build->scratch, &x->block->origins, g->n_rules, &x->block->origin_capacity,
                       sizeof(es_alternative *))) {
        return es_build_no_memory(build);
    }
    x->block->origins[g->n_rules] = alternative;
    alternative->is_left = true;
    es_rule rule = {
        .weight = weight, .first_item = g->n_items, .line = es_line_of(alternative->place)};
    ES_TRY(keep_conditions(x, instance, alternative->conditions, &rule));
    for (const es_element *e = alternative->elements; e; e = e->next) {
        es_item item;
        ES_TRY(element_item(x, instance, e, &item));
        for (int i = 0; i < e->repeat; i++) {
            if (g->n_items == ES_MAX_ITEMS) {
                return es_build_fail(build, ESTRO_ERR_STYLE, e->place,
                                     "the rules of this block are too large: more than %d elements "
                                     "when instantiated",
                                     ES_MAX_ITEMS);
            }
            if (!es_arena_grow(&build->scratch, &g->items, g->n_items, &x->item_capacity,
                               sizeof *g->items)) {
                return es_build_no_memory(build);
            }
            g->items[g->n_items++] = item;
            rule.n_items++;
        }
    }
    g->rules[g->n_rules++] = rule;
    return ESTRO_OK;
}

/* The rules of a symbol whose turn it is; their weights come to sum to 1. */
static estro_status make_symbol(es_expander *x, uint32_t symbol)
{
    const es_instance *instance = x->instances[symbol];
    es_grammar *g = &x->grammar;
    const uint32_t first = g->n_rules;
    double sum = 0;

    for (es_alternative *a = instance->alternatives; a; a = a->next) {
        double weight = 0;
        bool is_left;
        ES_TRY(es_conditions_hold(x->build, scope_of(instance), a->conditions, &is_left));
        if (is_left) {
            ES_TRY(es_weight_value(x->build, scope_of(instance), a->weight, &weight));
        }
        if (weight > 0) {
            ES_TRY(add_rule(x, instance, a, weight));
            sum += weight;
        } else {
            x->build->is_cut |= es_param_decides(x->build, a);
        }
    }
    if (g->n_rules == first) {
        return es_build_fail(x->build, ESTRO_ERR_STYLE, instance->call_place,
                             "no alternative of '%s' is left: weights are 0 or conditions fail",
                             g->symbols[symbol].name);
    }
    for (uint32_t i = first; i < g->n_rules; i++) {
        g->rules[i].weight /= sum;
    }
    g->symbols[symbol].first_rule = first;
    g->symbols[symbol].n_rules = g->n_rules - first;
    return ESTRO_OK;
}

static void *copy_array(es_arena *arena, const void *from, size_t count, size_t size)
{
    void *to = es_arena_calloc(arena, count ? count : 1, size);

    if (to && count) {
        memcpy(to, from, count * size);
    }
    return to;
}

estro_status es_expand_finish(es_expander *expander, es_arena *arena, es_grammar *out,
                              uint32_t **order)
{
    es_grammar *g = &expander->grammar;
    es_build *build = expander->build;

    for (uint32_t i = 0; i < g->n_symbols; i++) {
        ES_TRY(make_symbol(expander, i));
    }
    ES_TRY(es_grammar_check(build, g, order));
    *out = *g;
    out->symbols = copy_array(arena, g->symbols, g->n_symbols, sizeof *g->symbols);
    out->rules = copy_array(arena, g->rules, g->n_rules, sizeof *g->rules);
    out->items = copy_array(arena, g->items, g->n_items, sizeof *g->items);
    out->n_leaves = (uint32_t)expander->block->n_leaves;
    if (!out->symbols || !out->rules || !out->items) {
        return es_build_no_memory(build);
    }
    expander->block->grammar = *out;
    expander->block->order = *order;
    return ESTRO_OK;
}
