/* How many of its drawn cases a test takes. A sanitizer makes a program five to ten times as slow,
 * and what it looks for shows in fewer cases: a fifth of them there; the plain builds take all. */
#ifndef BT_TESTS_DRAWN_H
#define BT_TESTS_DRAWN_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BT_DRAWN(cases) (((cases) + 4) / 5)
#else
#define BT_DRAWN(cases) (cases)
#endif

#endif
