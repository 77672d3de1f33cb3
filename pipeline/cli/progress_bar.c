/* One line on stderr, drawn again at most five times a second. */
#include "pipeline/cli/progress_bar.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BAR_CELLS = 24 };
static const double seconds_between = 0.2;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* 0 where the path has no size of its own. */
static uint64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

void cp_progress_bar_open(cp_progress_bar *bar, cp_progress_when when, bool quiet,
                          char *const *paths, size_t path_count)
{
    *bar = (cp_progress_bar){0};
    bar->shown =
        when == CP_PROGRESS_ALWAYS || (when == CP_PROGRESS_AUTO && !quiet && isatty(STDERR_FILENO));
    bar->started_s = bar->drawn_s = now_s();
    bool known = true;
    for (size_t i = 0; bar->shown && i < path_count; i++) {
        uint64_t size = size_of(paths[i]);
        known &= size > 0;
        bar->total_bytes += size;
    }
    if (!known)
        bar->total_bytes = 0;
}

static void draw_share(double share, double elapsed_s)
{
    char cells[BAR_CELLS + 1];
    int full = (int)(share * BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        cells[i] = i < full ? '#' : '.';
    cells[BAR_CELLS] = '\0';
    double left_s = share > 0 ? elapsed_s * (1 - share) / share : 0;
    fprintf(stderr, "[%s] %3.0f %%  %d:%02d left  ", cells, share * 100, (int)(left_s / 60),
            (int)left_s % 60);
}

void cp_progress_bar_draw(cp_progress_bar *bar, const cp_progress *progress)
{
    double now = now_s();
    if (!bar->shown || now - bar->drawn_s < seconds_between)
        return;
    bar->drawn_s = now;
    bar->drawn = true;
    double elapsed_s = now - bar->started_s;
    double bytes = (double)progress->stored_bytes;
    fputs("\r\x1b[K", stderr);
    if (bar->total_bytes) {
        double share = bytes / (double)bar->total_bytes;
        draw_share(share < 1 ? share : 1, elapsed_s);
    }
    fprintf(stderr, "%.1f MB  %.2f M records/s", bytes / 1e6,
            (double)progress->records / elapsed_s / 1e6);
    fflush(stderr);
}

void cp_progress_bar_close(cp_progress_bar *bar)
{
    if (bar->drawn)
        fputs("\r\x1b[K", stderr);
    bar->drawn = false;
}
