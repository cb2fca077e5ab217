/*
 * Files of drums as the model sees them, as text: for the n-gram and the statistics of drums.py.
 *
 *     drums FILE...
 *
 * Of each file a line "piece NAME FAMILY GRID BAR_STEPS BARS HITS MERGED FOREIGN", a line "kinds" with 0 (groove) or 1 (fill) a bar, and a
 * line for each instant at which something is hit or a beat begins: its step and the candidates of the seven lanes.
 */
#include "analysis/drums.h"
#include "smf/files.h"

#include <stdio.h>

static void print_roll(const char *name, const es_drummer *d)
{
    const es_drum_roll *roll = &d->roll;

    printf("piece %s %s %d %u %u %zu %zu %zu\nkinds", name, es_family_name(roll->family),
           roll->grid, roll->bar_steps, roll->n_bars, d->n_hits, d->n_merged, d->n_foreign);
    for (uint32_t bar = 0; bar < roll->n_bars; bar++) {
        printf(" %d", roll->kind[bar]);
    }
    putchar('\n');
    for (size_t step = 0; step < es_drum_roll_steps(roll); step++) {
        const uint8_t *hit = roll->hit + step * ES_KIT_LANES;
        bool is_any = step % roll->grid == 0;
        for (int k = 0; k < ES_KIT_LANES; k++) {
            is_any = is_any || hit[k];
        }
        if (!is_any) {
            continue;
        }
        printf("%zu", step);
        for (int k = 0; k < ES_KIT_LANES; k++) {
            printf(" %d", hit[k]);
        }
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        es_smf smf;
        es_drummer drummer = {0};
        estro_diag diag = {0};

        if (es_smf_load(&smf, argv[i], &diag) != ESTRO_OK ||
            es_drummer_read(&drummer, &smf, argv[i], &diag) != ESTRO_OK) {
            fprintf(stderr, "%s: %s\n", argv[i], diag.text);
        } else {
            print_roll(argv[i], &drummer);
        }
        es_drummer_done(&drummer);
        es_smf_done(&smf);
    }
    return 0;
}
