/**
 * @file plot.h
 * The losses as a picture. Built with cairo only (WITH_CAIRO=1).
 */
#ifndef ES_TRAIN_PLOT_H
#define ES_TRAIN_PLOT_H

#include <estro/estro.h>

/** Draw the losses of all validations so far; see include/estro/estro.h. */
estro_status es_training_plot(const estro_training *training, const char *path, estro_diag *diag);

#endif
