# Adds up Verilator's coverage files (see rtl-coverage.sh). A point is a line or branch of a file, or a
# bit of a signal declared there, in whatever instance and model: it counts if any reached it. A bit
# toggled both ways if it changed three times in one simulation: of two changes one can be the
# counter's own start and the other a register's, from its random value.
BEGIN {
  FS = "\001"
  while ((getline text <exclusions) > 0) {
    if (text ~ /^#/ || text == "") continue
    split(text, part, / +/)
    rules++
    kind[rules] = part[1]
    file[rules] = "^" part[2] "$"
    pattern[rules] = part[3]
    some_bits = part[1] ~ /^(high|low)$/
    if (part[1] !~ /^(line|toggle|high|low|file)$/ || part[some_bits ? 5 : 4] == "" ||
        (some_bits && part[4] !~ /^[0-9]+\/[0-9]+$/)) {
      print exclusions ": '" text "': expected line, toggle or file, FILE PATTERN REASON, or high " \
        "or low, FILE PATTERN BIT/WIDTH REASON" >"/dev/stderr"
      broken = 1
      exit 2
    }
    if (some_bits) {
      split(part[4], bound, "/")
      limit[rules] = bound[1]
      width[rules] = bound[2]
    }
  }
  sources = split(modules, module, " ")
}

function field(text) { return substr(text, index(text, "\002") + 1) }

# The text of a line of the design, spaces as underscores.
function source(path, number,    i, text) {
  if (!(path in loaded)) {
    loaded[path] = 1
    while ((getline text <path) > 0) {
      gsub(/ /, "_", text)
      line[path, ++i] = text
    }
    close(path)
  }
  return line[path, number]
}

# The number of the rule that leaves a point out, 0 for none. text: of the line, or the bit.
function excluded(what, name, text,    i, signal, bit) {
  signal = bit = text
  gsub(/\[[0-9]+\]/, "", signal)
  if (!sub(/\]$/, "", bit)) bit = 0
  sub(/.*\[/, "", bit)
  for (i = 1; i <= rules; i++) {
    if (name !~ file[i]) continue
    if (kind[i] == what && text ~ pattern[i]) return i
    if (what != "toggle" || kind[i] !~ /^(high|low)$/ || signal !~ "^(" pattern[i] ")$") continue
    if ((bit % width[i] >= limit[i]) == (kind[i] == "high")) return i
  }
  return 0
}

/^C / {
  path = field($2)
  if (path !~ /rtl\/hdl\/[^\/]*$/) next
  what = ($0 ~ /page\002v_toggle/) ? "toggle" : "line"
  object = ""
  for (i = 3; i <= NF; i++) {
    if ($i ~ /^l\002/) number = field($i)
    else if ($i ~ /^n\002/) column = field($i)
    else if ($i ~ /^o\002/) object = field($i)
  }
  name = path
  sub(/.*\//, "", name)
  point = what SUBSEP name SUBSEP number SUBSEP object SUBSEP (what == "line" ? column : "")
  if (!(point in hits)) {
    hits[point] = 0
    where[point] = path
  }
  count = $NF
  sub(/.*' /, "", count)
  if (count + 0 >= (what == "line" ? 1 : 3)) hits[point] = 1
}

END {
  if (broken) exit 2
  for (point in hits) {
    split(point, part, SUBSEP)
    text = (part[1] == "toggle") ? part[4] : source(where[point], part[3])
    names[part[2]] = 1
    rule = excluded(part[1], part[2], text)
    if (rule) {
      used[rule]++
      reached_too[rule] += hits[point]
      continue
    }
    all[part[1], part[2]]++
    got[part[1], part[2]] += hits[point]
    total[part[1]]++
    reached[part[1]] += hits[point]
    if (missed && !hits[point]) print "missed " part[1] " " part[2] ":" part[3] " " text | "sort"
  }
  close("sort")
  printf "%-28s %15s %8s %17s %8s\n", "file", "lines", "", "toggles", ""
  for (name in names)
    printf "%-28s %7d of %4d %7.1f%% %8d of %5d %7.1f%%\n", name, got["line", name],
      all["line", name], percent(got["line", name], all["line", name]), got["toggle", name],
      all["toggle", name], percent(got["toggle", name], all["toggle", name]) | "sort"
  close("sort")
  lines = percent(reached["line"], total["line"])
  toggles = percent(reached["toggle"], total["toggle"])
  printf "%-28s %7d of %4d %7.1f%% %8d of %5d %7.1f%%\n", "all", reached["line"], total["line"],
    lines, reached["toggle"], total["toggle"], toggles
  for (i = 1; i <= rules; i++) {
    left_out += used[i]
    left_out_reached += reached_too[i]
    if (kind[i] == "file" || used[i] > reached_too[i]) continue
    print exclusions ": leaves out nothing unreached: " kind[i] " " file[i] " " pattern[i]
    idle++
  }
  printf "%d points left out by %s, %d of them reached\n", left_out, exclusions, left_out_reached
  for (i = 1; i <= sources; i++)
    if (!(module[i] in names) && !excluded("file", module[i], module[i])) {
      print module[i] ": nothing in it was counted"
      uncounted++
    }
  if (uncounted || idle) exit 1
  if (total["line"] == 0 || lines < 95 || toggles < 90) {
    print "coverage of rtl/hdl is below 95 % of the lines or 90 % of the toggles"
    exit 1
  }
}

function percent(part, whole) { return whole == 0 ? 100 : 100 * part / whole }
