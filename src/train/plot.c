/* The losses over the epochs as a picture, drawn by cairo into memory and then written whole. */
#include "train/plot.h"
#include "train/state.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 720, HEIGHT = 420, LEFT = 64, RIGHT = 20, TOP = 36, BOTTOM = 48, MOST_TICKS = 8 };

typedef struct buffer {
    uint8_t *bytes;
    size_t size, room;
} buffer;

/* What is shown: from zero to the last epoch, and from the lowest to the highest loss. */
typedef struct frame {
    double epochs, low, high;
} frame;

static cairo_status_t append(void *self, const unsigned char *data, unsigned int length)
{
    buffer *b = self;

    while (b->room - b->size < length) {
        if (!es_grow(&b->bytes, b->room, &b->room, 1)) {
            return CAIRO_STATUS_NO_MEMORY;
        }
    }
    memcpy(b->bytes + b->size, data, length);
    b->size += length;
    return CAIRO_STATUS_SUCCESS;
}

static double x_of(const frame *f, double epochs)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * epochs / f->epochs;
}

static double y_of(const frame *f, double nats)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (f->high - nats) / (f->high - f->low);
}

static frame frame_of(const estro_training *t)
{
    frame f = {.epochs = 1, .low = HUGE_VAL, .high = -HUGE_VAL};

    for (size_t i = 0; i < t->n_points; i++) {
        const es_train_point *p = &t->points[i];
        f.epochs = fmax(f.epochs, p->epochs);
        f.low = fmin(f.low, p->train_nats > 0 ? fmin(p->train_nats, p->valid_nats) : p->valid_nats);
        f.high = fmax(f.high, fmax(p->train_nats, p->valid_nats));
    }
    if (!(f.high - f.low > 1e-6)) {
        f.low = f.low < HUGE_VAL ? f.low - 0.5 : 0;
        f.high = f.low + 1;
    }
    return f;
}

/* The distance of ticks: 1, 2 or 5 times a power of ten. */
static double tick_of(double span)
{
    const double power = pow(10, floor(log10(span / MOST_TICKS)));
    const double each[] = {1, 2, 5};

    for (int i = 0; i < 3; i++) {
        if (span / (each[i] * power) <= MOST_TICKS) {
            return each[i] * power;
        }
    }
    return 10 * power;
}

static void put_text(cairo_t *c, double x, double y, double align, const char *text)
{
    cairo_text_extents_t size;

    cairo_text_extents(c, text, &size);
    cairo_move_to(c, x - align * size.x_advance, y);
    cairo_show_text(c, text);
}

static void draw_grid(cairo_t *c, const frame *f)
{
    const double across = tick_of(f->epochs), up = tick_of(f->high - f->low);
    char text[32];

    cairo_set_line_width(c, 0.5);
    for (double x = 0; x <= f->epochs * 1.0001; x += across) {
        cairo_set_source_rgb(c, 0.8, 0.8, 0.8);
        cairo_move_to(c, x_of(f, x), TOP);
        cairo_line_to(c, x_of(f, x), HEIGHT - BOTTOM);
        cairo_stroke(c);
        cairo_set_source_rgb(c, 0.2, 0.2, 0.2);
        snprintf(text, sizeof text, "%g", x);
        put_text(c, x_of(f, x), HEIGHT - BOTTOM + 16, 0.5, text);
    }
    for (double y = ceil(f->low / up) * up; y <= f->high; y += up) {
        cairo_set_source_rgb(c, 0.8, 0.8, 0.8);
        cairo_move_to(c, LEFT, y_of(f, y));
        cairo_line_to(c, WIDTH - RIGHT, y_of(f, y));
        cairo_stroke(c);
        cairo_set_source_rgb(c, 0.2, 0.2, 0.2);
        snprintf(text, sizeof text, "%.4g", y);
        put_text(c, LEFT - 8, y_of(f, y) + 4, 1, text);
    }
    put_text(c, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, 0.5, "epochs");
}

static void draw_losses(cairo_t *c, const estro_training *t, const frame *f, bool is_valid)
{
    bool is_begun = false;

    for (size_t i = 0; i < t->n_points; i++) {
        const double nats = is_valid ? t->points[i].valid_nats : t->points[i].train_nats;
        if (nats > 0) {
            (is_begun ? cairo_line_to : cairo_move_to)(c, x_of(f, t->points[i].epochs),
                                                       y_of(f, nats));
            is_begun = true;
        }
    }
    cairo_stroke(c);
}

static void draw(cairo_t *c, const estro_training *t)
{
    const frame f = frame_of(t);
    const es_train_place *place = &t->place;
    char text[128];

    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, 12);
    draw_grid(c, &f);
    cairo_set_line_width(c, 1.8);
    cairo_set_source_rgb(c, 0.85, 0.45, 0.1);
    draw_losses(c, t, &f, false);
    put_text(c, LEFT, 22, 0, "train (with dropout)");
    cairo_set_source_rgb(c, 0.1, 0.35, 0.75);
    draw_losses(c, t, &f, true);
    snprintf(text, sizeof text, "valid: best %.4f nats per voice and step, epoch %.4g",
             place->best_nats, (double)place->best_done / (double)t->n_batches);
    put_text(c, LEFT + 150, 22, 0, text);
    if (place->best_epoch) {
        cairo_arc(c, x_of(&f, (double)place->best_done / (double)t->n_batches),
                  y_of(&f, place->best_nats), 4, 0, 6.2831853);
        cairo_fill(c);
    }
}

estro_status es_training_plot(const estro_training *t, const char *path, estro_diag *diag)
{
    buffer b = {0};
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(append, &b, WIDTH, HEIGHT);
    cairo_t *c = cairo_create(surface);

    draw(c, t);
    cairo_surface_finish(surface);
    const cairo_status_t drawn = cairo_status(c);
    const cairo_status_t written = cairo_surface_status(surface);
    cairo_destroy(c);
    cairo_surface_destroy(surface);
    const cairo_status_t failed = drawn != CAIRO_STATUS_SUCCESS ? drawn : written;
    const estro_status status = failed == CAIRO_STATUS_SUCCESS
                                    ? es_file_write(path, b.bytes, b.size, diag)
                                    : es_fail(diag, ESTRO_ERR_UNSUPPORTED, "cannot draw: %s",
                                              cairo_status_to_string(failed));
    es_free(b.bytes);
    return status;
}
