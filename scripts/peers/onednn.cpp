// Times oneDNN's int8 primitives on the shapes of `bittrue bench`: s8s8s32 matrix multiply, and
// s8 convolution forward with an int32 result. Operands and results lie in row-major order in
// memory, as bittrue's do; whatever the library packs for itself is in the time of the matrix
// multiply, and left out for the weights of a convolution.
//   onednn SECONDS wall|processor gemm MxNxK[:tn|:nt] ...
//   onednn SECONDS wall|processor conv NxHxWxC-OkKpPsS ...
// Prints a line "SHAPE GMAC/S IMPLEMENTATION" each: the median of 5 samples of at least SECONDS / 5
// by that clock.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "oneapi/dnnl/dnnl.hpp"

using namespace dnnl;
using dt = memory::data_type;
using tag = memory::format_tag;

static engine cpu(engine::kind::cpu, 0);
static stream line(cpu);
static double sample_seconds;
static clockid_t clock_used = CLOCK_MONOTONIC;

static double now() {
  timespec t;
  clock_gettime(clock_used, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

static double seconds_of(const std::function<void()> &work) {
  work();
  std::vector<double> sample;
  for (int i = 0; i < 5; i++) {
    double begin = now(), end;
    int runs = 0;
    do {
      work();
      line.wait();
      runs++;
      end = now();
    } while (end - begin < sample_seconds);
    sample.push_back((end - begin) / runs);
  }
  std::sort(sample.begin(), sample.end());
  return sample[2];
}

// Mantissas as in training: normal, sigma 28, clipped.
static memory operand(const memory::desc &d) {
  memory m(d, cpu);
  static std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 28);
  int8_t *p = static_cast<int8_t *>(m.get_data_handle());
  std::vector<int8_t> some(1 << 16);
  for (int8_t &x : some) {
    x = static_cast<int8_t>(std::clamp(normal(random), -127.0f, 127.0f));
  }
  for (size_t i = 0; i < d.get_size(); i += some.size()) {
    std::memcpy(p + i, some.data(), std::min(some.size(), d.get_size() - i));
  }
  return m;
}

// Fails the build of the descriptor where the library has no such implementation.
static double matmul_seconds(long m, long n, long k, tag a, tag b, bool packed, std::string &how) {
  memory::desc x({m, k}, dt::s8, a), w({k, n}, dt::s8, b), y({m, n}, dt::s32, tag::ab);
  memory::desc any({k, n}, dt::s8, tag::any);
  matmul::primitive_desc pd(matmul::desc(x, packed ? any : w, y), cpu);
  memory mx = operand(x), mw = operand(w), my(y, cpu);
  matmul run(pd);
  how = pd.impl_info_str();
  memory mp = packed ? memory(pd.weights_desc(), cpu) : mw;
  reorder pack(mw, mp);
  return seconds_of([&] {
    if (packed) {
      pack.execute(line, mw, mp);
    }
    run.execute(line, {{DNNL_ARG_SRC, mx}, {DNNL_ARG_WEIGHTS, mp}, {DNNL_ARG_DST, my}});
  });
}

static void print(const char *shape, double seconds, double macs, const std::string &how) {
  std::printf("%s %.3f %s\n", shape, macs / seconds * 1e-9, how.c_str());
  std::fflush(stdout);
}

static void gemm(const char *shape) {
  long m, n, k;
  char layout[4] = "nn";
  if (std::sscanf(shape, "%ldx%ldx%ld:%3s", &m, &n, &k, layout) < 3) {
    std::fprintf(stderr, "onednn: shape '%s'\n", shape);
    std::exit(2);
  }
  tag a = layout[0] == 't' ? tag::ba : tag::ab, b = layout[1] == 't' ? tag::ba : tag::ab;
  std::string how[2];
  double plain = matmul_seconds(m, n, k, a, b, false, how[0]);
  double packed = matmul_seconds(m, n, k, a, b, true, how[1]);
  bool which = packed < plain;
  print(shape, which ? packed : plain, double(m) * double(n) * double(k),
        how[which] + (which ? "+reorder" : ""));
}

static void conv(const char *shape) {
  long n, h, w, c, o, k, p, s;
  if (std::sscanf(shape, "%ldx%ldx%ldx%ld-%ldk%ldp%lds%ld", &n, &h, &w, &c, &o, &k, &p, &s) != 8) {
    std::fprintf(stderr, "onednn: shape '%s'\n", shape);
    std::exit(2);
  }
  long oh = (h + 2 * p - k) / s + 1, ow = (w + 2 * p - k) / s + 1;
  memory::desc x({n, c, h, w}, dt::s8, tag::nhwc), y({n, o, oh, ow}, dt::s32, tag::nhwc);
  memory::desc weights({o, c, k, k}, dt::s8, tag::any), plain({o, c, k, k}, dt::s8, tag::ohwi);
  convolution_forward::primitive_desc pd(
      convolution_forward::desc(prop_kind::forward_inference, algorithm::convolution_direct, x,
                                weights, y, {s, s}, {p, p}, {p, p}),
      cpu);
  memory mx = operand(x), mw = operand(plain), mp(pd.weights_desc(), cpu), my(y, cpu);
  reorder(mw, mp).execute(line, mw, mp);
  line.wait();
  convolution_forward run(pd);
  double seconds = seconds_of([&] {
    run.execute(line, {{DNNL_ARG_SRC, mx}, {DNNL_ARG_WEIGHTS, mp}, {DNNL_ARG_DST, my}});
  });
  print(shape, seconds, double(n * oh * ow) * double(o * c * k * k), pd.impl_info_str());
}

int main(int argc, char **argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: onednn SECONDS wall|processor gemm|conv SHAPE...\n");
    return 2;
  }
  sample_seconds = std::atof(argv[1]) / 5;
  if (std::strcmp(argv[2], "processor") == 0) {
    clock_used = CLOCK_PROCESS_CPUTIME_ID;
  }
  for (int i = 4; i < argc; i++) {
    (std::strcmp(argv[3], "gemm") == 0 ? gemm : conv)(argv[i]);
  }
  return 0;
}
