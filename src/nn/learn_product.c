/*
 * Products in blocks: a block of rows of a stays in the second cache, a panel of b in the first, and the kernel (learn_tile.c)
 * keeps a tile of c in registers while it runs down k.
 *
 * Blocking cuts the chain of an element in pieces but never reorders it: a piece starts from what the one before has stored.
 */
#include "nn/learn_product.h"

#include "base/simd.h"
#include "nn/learn_tile.h"

#include <string.h>

enum {
    BLOCK_K =
        256, /* Two panels of it fill two thirds of a first cache of 48 KiB; one, half of 32. */
    BLOCK_ROWS = 192,    /* Of a: with BLOCK_K a fifth of a second cache of 1 MiB. */
    BLOCK_COLUMNS = 512, /* Of b in a gradient: with BLOCK_K half of it. */
    BLOCK_TURNED =
        96 /* Columns of a in a gradient: a multiple of the rows of each kernel's tile. */
};

enum { A_PANELS = BLOCK_COLUMNS * (BLOCK_K + 1) }; /* Where they begin in the scratch memory. */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* From one panel of k rows, `width` columns, to the next: a line is left between, or panels of 64 rows would lie in the same sets. */
static size_t panel_stride(size_t k, size_t width)
{
    return k * width + ES_PANEL;
}

size_t es_panels_size(size_t k, size_t n)
{
    return (n + ES_PANEL - 1) / ES_PANEL * panel_stride(k, ES_PANEL);
}

void es_panels_pack(float *panels, const float *b, size_t stride, size_t k, size_t n)
{
    size_t j = 0;

    for (; j + ES_PANEL <= n; j += ES_PANEL, panels += panel_stride(k, ES_PANEL)) {
        for (size_t i = 0; i < k; i++) {
            memcpy(panels + i * ES_PANEL, b + i * stride + j, ES_PANEL * sizeof *panels);
        }
    }
    for (size_t i = 0; j < n && i < k; i++, panels += ES_PANEL) {
        memset(panels, 0, ES_PANEL * sizeof *panels);
        memcpy(panels, b + i * stride + j, (n - j) * sizeof *panels);
    }
}

/* 16 rows of b become one panel, square after square. */
static void turn_panel(float *panel, const float *b, size_t stride, size_t k)
{
    for (size_t i = 0; i < k; i += ES_PANEL) {
        const size_t end = least(i + ES_PANEL, k);
        for (size_t j = 0; j < ES_PANEL; j++) {
            for (size_t at = i; at < end; at++) {
                panel[at * ES_PANEL + j] = b[j * stride + at];
            }
        }
    }
}

void es_panels_pack_turned(float *panels, const float *b, size_t stride, size_t k, size_t n)
{
    size_t j = 0;

    for (; j + ES_PANEL <= n; j += ES_PANEL, panels += panel_stride(k, ES_PANEL)) {
        turn_panel(panels, b + j * stride, stride, k);
    }
    if (j < n) {
        memset(panels, 0, k * ES_PANEL * sizeof *panels);
        for (size_t i = 0; i < k; i++) {
            for (size_t rest = j; rest < n; rest++) {
                panels[i * ES_PANEL + rest - j] = b[rest * stride + i];
            }
        }
    }
}

/* A tile that reaches over the edge of c is made in a copy. */
static void edge_tile(const es_tiles *tiles, es_tile tile, size_t columns)
{
    float copy[ES_TILE_ROWS * ES_PANEL] = {0};
    float *const c = tile.c;
    const size_t stride = tile.c_stride;

    for (size_t i = 0; i < tile.rows; i++) {
        memcpy(copy + i * ES_PANEL, tile.from + i * tile.from_stride, columns * sizeof *c);
    }
    tile.c = copy;
    tile.from = copy;
    tile.c_stride = tile.from_stride = ES_PANEL;
    tiles->run(&tile);
    for (size_t i = 0; i < tile.rows; i++) {
        memcpy(c + i * stride, copy + i * ES_PANEL, columns * sizeof *c);
    }
}

/* A tile at column j of c, which has n; b points at a row of the first panel, and the tile knows how far the next lies. */
static void tile_at(const es_tiles *tiles, es_tile tile, const float *b, size_t j, size_t n)
{
    tile.c += j;
    tile.from += j;
    tile.b = b + j / ES_PANEL * tile.b_next;
    if (j + ES_PANEL > n) {
        tile.panels = 1;
        edge_tile(tiles, tile, n - j);
    } else {
        tiles->run(&tile);
    }
}

/* Panels from column j on that one tile of `most` or fewer panels takes; one that is not whole goes alone. */
static size_t panels_at(size_t most, size_t j, size_t n)
{
    const size_t whole = (n - j) / ES_PANEL;

    while (most > 1 && most > whole) {
        most /= 2;
    }
    return most;
}

void es_product(float *c, size_t c_stride, const float *from, size_t from_stride, const float *a,
                size_t a_stride, const float *b, size_t m, size_t n, size_t k)
{
    const es_tiles *const tiles = es_tiles_in_use();

    for (size_t k0 = 0; k0 < k; k0 += BLOCK_K) {
        for (size_t i0 = 0; i0 < m; i0 += BLOCK_ROWS) {
            const size_t rows = least(m - i0, BLOCK_ROWS);
            const size_t n_tiles = (rows + tiles->rows - 1) / tiles->rows;
            const size_t most = tiles->panels((rows + n_tiles - 1) / n_tiles);
            for (size_t j = 0, panels; j < n; j += panels * ES_PANEL) {
                panels = panels_at(most, j, n);
                for (size_t t = 0; t < n_tiles; t++) {
                    const size_t first = i0 + rows * t / n_tiles;
                    const size_t end = i0 + rows * (t + 1) / n_tiles;
                    const es_tile tile = {.rows = end - first,
                                          .panels = panels,
                                          .c = c + first * c_stride,
                                          .c_stride = c_stride,
                                          .from = k0 ? c + first * c_stride
                                                     : from + first * from_stride,
                                          .from_stride = k0 ? c_stride : from_stride,
                                          .a = a + first * a_stride + k0,
                                          .a_row = a_stride,
                                          .a_step = 1,
                                          .b_next = panel_stride(k, ES_PANEL),
                                          .k = least(k - k0, BLOCK_K)};
                    tile_at(tiles, tile, b + k0 * ES_PANEL, j, n);
                }
            }
        }
    }
}

size_t es_product_scratch(void)
{
    return A_PANELS + (BLOCK_TURNED + 1) * panel_stride(BLOCK_K, 1);
}

static const float *row_of(const es_rows *rows, size_t k)
{
    return rows->base + (rows->row ? rows->row[k] : k) * rows->stride;
}

/*
 * Panels of `width` columns from rows k0 .. k0 + k - 1, columns j0 .. j0 + n - 1; what is beyond n is zero. It is called with constant
 * widths: a copy of so few floats must not be a call.
 */
ES_INLINE void gather_width(float *panels, const es_rows *rows, size_t k0, size_t k, size_t j0,
                            size_t n, size_t width)
{
    const size_t whole = n / width * width;

    for (size_t i = 0; i < k; i++) {
        const float *const from = row_of(rows, k0 + i) + j0;
        float *to = panels + i * width;
        for (size_t j = 0; j < whole; j += width, to += panel_stride(k, width)) {
            memcpy(to, from + j, width * sizeof *to);
        }
        if (whole < n) {
            memset(to, 0, width * sizeof *to);
            for (size_t j = whole; j < n; j++) {
                to[j - whole] = from[j];
            }
        }
    }
}

static void gather_panels(float *panels, const es_rows *rows, size_t k0, size_t k, size_t j0,
                          size_t n, size_t width)
{
    if (width == ES_PANEL) {
        gather_width(panels, rows, k0, k, j0, n, ES_PANEL);
    } else if (width == ES_TILE_ROWS) {
        gather_width(panels, rows, k0, k, j0, n, ES_TILE_ROWS);
    } else {
        gather_width(panels, rows, k0, k, j0, n, ES_TILE_ROWS / 2);
    }
}

/* c [m][n] += a^T b for one block, both in panels: those of a as wide as the tiles have rows. */
static void gradient_block(const es_tiles *tiles, float *c, size_t c_stride, const float *a,
                           const float *b, size_t m, size_t n, size_t k)
{
    const size_t most = tiles->panels(least(m, tiles->rows));

    for (size_t j = 0, panels; j < n; j += panels * ES_PANEL) {
        panels = panels_at(most, j, n);
        for (size_t i = 0; i < m; i += tiles->rows) {
            const es_tile tile = {.rows = least(m - i, tiles->rows),
                                  .panels = panels,
                                  .c = c + i * c_stride,
                                  .c_stride = c_stride,
                                  .from = c + i * c_stride,
                                  .from_stride = c_stride,
                                  .a = a + i / tiles->rows * panel_stride(k, tiles->rows),
                                  .a_row = 1,
                                  .a_step = tiles->rows,
                                  .b_next = panel_stride(k, ES_PANEL),
                                  .k = k};
            tile_at(tiles, tile, b, j, n);
        }
    }
}

void es_product_gradient(float *c, size_t c_stride, es_rows a, es_rows b, size_t m, size_t n,
                         size_t count, float *scratch)
{
    const es_tiles *const tiles = es_tiles_in_use();
    float *const b_panels = scratch, *const a_panels = scratch + A_PANELS;

    for (size_t k0 = 0; k0 < count; k0 += BLOCK_K) {
        const size_t k = least(count - k0, BLOCK_K);
        for (size_t j0 = 0; j0 < n; j0 += BLOCK_COLUMNS) {
            const size_t columns = least(n - j0, BLOCK_COLUMNS);
            gather_panels(b_panels, &b, k0, k, j0, columns, ES_PANEL);
            for (size_t i0 = 0; i0 < m; i0 += BLOCK_TURNED) {
                const size_t rows = least(m - i0, BLOCK_TURNED);
                gather_panels(a_panels, &a, k0, k, i0, rows, tiles->rows);
                gradient_block(tiles, c + i0 * c_stride + j0, c_stride, a_panels, b_panels, rows,
                               columns, k);
            }
        }
    }
}
