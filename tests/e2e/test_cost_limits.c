/* What bittrue cost itself takes: VGG16 in 50 MB, and in a second of processor time at most even on
 * a busy machine or in a debug build (0.03 s is usual; drawing initial weights would take 3).
 * Alone: ctest --preset release -R '^test_cost_limits$' */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants these first. */
#include <cmocka.h>

#define MOST_KILOBYTES (50 * 1000)
#define MOST_MILLISECONDS 1000

static long milliseconds(struct timeval t) { return t.tv_sec * 1000 + t.tv_usec / 1000; }

/* Runs it without any data; what it took. */
static struct rusage cost(const char *recipe) {
  struct rusage use;
  int status = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    int null = open("/dev/null", O_WRONLY);
    setenv("BITTRUE_DATA", "/nowhere", 1);
    dup2(null, STDOUT_FILENO);
    execl(BITTRUE, "bittrue", "cost", recipe, "--machine", "systolic-32x32", (char *)NULL);
    _exit(127);
  }
  assert_int_equal(wait4(child, &status, 0, &use), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  return use;
}

static void test_vgg16(void **state) {
  (void)state;
  struct rusage use = cost(RECIPES "/vgg16-cifar10.yaml");
  long time = milliseconds(use.ru_utime) + milliseconds(use.ru_stime);
  printf("%ld ms of processor time, %ld KB\n", time, use.ru_maxrss);
  if (use.ru_maxrss > MOST_KILOBYTES || time > MOST_MILLISECONDS) {
    fail_msg("%ld KB and %ld ms, expected at most %d and %d", use.ru_maxrss, time, MOST_KILOBYTES,
             MOST_MILLISECONDS);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_vgg16)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
