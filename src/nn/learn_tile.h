/**
 * @file learn_tile.h
 * The innermost kernels of the products: a tile of the result, held in registers.
 */
#ifndef ES_NN_LEARN_TILE_H
#define ES_NN_LEARN_TILE_H

#include <stddef.h>

enum { ES_TILE_ROWS = 12 }; /**< At most. */

/** One tile: c[i][j] = from[i][j], then fma(a[i][k], b[k][j], c[i][j]) for ascending k. */
typedef struct es_tile {
    size_t rows, panels; /**< Of c; a panel is ES_PANEL columns. */
    size_t k;
    float *c;
    size_t c_stride;
    const float *from; /**< May be c. */
    size_t from_stride;
    const float *a; /**< a[i][k] = a[i * a_row + k * a_step]: */
    size_t a_row,
        a_step;     /**< either a_step is 1, or a_row is 1 and a_step the `rows` of es_tiles. */
    const float *b; /**< Panels, [k][ES_PANEL] each, */
    size_t b_next;  /**< one so far behind the other. */
} es_tile;

/** A kernel. */
typedef struct es_tiles {
    size_t rows; /**< Of its largest tile. */
    size_t (*panels)(
        size_t rows); /**< Of its widest tile of so many rows: a power of two, as all widths are. */
    void (*run)(const es_tile *tile);
} es_tiles;

/** The kernel in use: the best for this processor, or the chosen one. */
const es_tiles *es_tiles_in_use(void);

#endif
