/**
 * @file watch.h
 * What goes along with a training: the progress that is shown, checkpoints, log, plot and samples.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli.h"

/** Settings, filled in by the caller, borrowed; the rest begins as zero. */
typedef struct cli_watch {
    const char *output;        /**< The model. */
    const char *log;           /**< JSON lines, or NULL. */
    const char *plot;          /**< SVG of the losses, or NULL. */
    const char *samples;       /**< Folder for pieces composed on the way, or NULL. */
    double checkpoint_seconds; /**< Between checkpoints; 0 = none. */
    bool resumes;
    bool is_quiet; /**< One of several processes, not the one that tells and writes. */

    char checkpoint[4096]; /**< Its name; "" = none is kept. */
    FILE *log_file;
    double next_line, next_checkpoint, next_sample,
        next_plot; /**< In seconds of training, of the clock. */
    double logged_seconds;
    uint64_t logged_tokens;
    uint32_t logged_validations, logged_epoch, sampled_validations, drawn_validations;
    bool is_terminal, has_checkpoint, is_failing;
} cli_watch;

/** Name the checkpoint, go on from it if that is wanted, open the log, make the folder of samples. @return CLI_OK or an exit status, with a message. */
int cli_watch_begin(cli_watch *watch, estro_training *training);

/** After each step: what is due. @return CLI_OK, or CLI_FAILED when not even the first checkpoint can be written. */
int cli_watch_step(cli_watch *watch, estro_training *training,
                   const estro_train_progress *progress);

/** When training was stopped: the last checkpoint. */
void cli_watch_stop(cli_watch *watch, estro_training *training);

/** Compose a piece with the present weights into the folder of samples: what fails is said. */
void cli_watch_sample(const cli_watch *watch, estro_training *training, uint64_t step);

/** The model is saved: the checkpoint is not needed any more. */
void cli_watch_saved(cli_watch *watch);
void cli_watch_done(cli_watch *watch);

#endif
