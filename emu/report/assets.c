#include "report/assets.h"

/* The files' bytes as they are, and a zero. */
#define EMBED(name, file)                                                 \
  __asm__(".pushsection .rodata\n.balign 16\n"                            \
          ".global bt_asset_" name "\n.hidden bt_asset_" name "\n"        \
          "bt_asset_" name ":\n.incbin \"" file "\"\n.byte 0\n.popsection")

EMBED("style", BT_PAGE_STYLE);
EMBED("script", BT_PAGE_SCRIPT);
EMBED("d3", BT_PAGE_D3);
EMBED("plot", BT_PAGE_PLOT);
