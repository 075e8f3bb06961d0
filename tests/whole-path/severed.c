/* Ends a process before the n-th thing that it writes under a folder, as a power button would: for
   the tests alone. SEVER_UNDER is the folder, SEVER_AT is n (0 for never), SEVER_LOG names a file
   that lists each step. Children of the host write nothing there, and are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static const char *folder;
static long at;
static int list = -1;
static atomic_long steps;

__attribute__((constructor)) static void begin(void) {
    char command[4096] = {0};
    int self = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(self, command, sizeof command - 1);
    close(self);
    const char *first = memchr(command, 0, length > 0 ? length : 0);
    if (first && first[1] == ':') return;
    const char *wanted = getenv("SEVER_AT"), *log = getenv("SEVER_LOG");
    at = wanted ? atol(wanted) : 0;
    if (log) list = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    folder = getenv("SEVER_UNDER");
}

static void step(const char *what, const char *path) {
    if (!folder || strncmp(path, folder, strlen(folder))) return;
    long number = atomic_fetch_add(&steps, 1) + 1;
    if (list >= 0) dprintf(list, "%ld %s %s\n", number, what, path);
    if (number == at) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

static void step_of(const char *what, int file) {
    char link[64], path[PATH_MAX];
    if (!folder) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    step(what, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t length) {
    step_of("write", file);
    return NEXT(write)(file, bytes, length);
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t place) {
    step_of("pwrite", file);
    return NEXT(pwrite)(file, bytes, length, place);
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t place) {
    step_of("pwrite", file);
    return NEXT(pwrite64)(file, bytes, length, place);
}
int fsync(int file) {
    step_of("sync", file);
    return NEXT(fsync)(file);
}
int fdatasync(int file) {
    step_of("sync", file);
    return NEXT(fdatasync)(file);
}
int ftruncate(int file, off_t length) {
    step_of("truncate", file);
    return NEXT(ftruncate)(file, length);
}
int ftruncate64(int file, off64_t length) {
    step_of("truncate", file);
    return NEXT(ftruncate64)(file, length);
}
int rename(const char *from, const char *to) {
    step("rename", to);
    return NEXT(rename)(from, to);
}
int unlink(const char *path) {
    step("unlink", path);
    return NEXT(unlink)(path);
}
