"""What English speakers say for abbreviations, units and signs.

One line for each written form: ``written = spoken, spoken``, likeliest first; ``_`` is silence.
"""

from __future__ import annotations

Reading = tuple[str, ...]
Readings = tuple[Reading, ...]
SILENT: Reading = ()


def said(spoken: str) -> Readings:
    """Readings from their spoken forms: ``"i e, that is"``."""
    return tuple(SILENT if form.strip() == "_" else tuple(form.split()) for form in spoken.split(","))


def _table(lines: str) -> dict[str, Readings]:
    rows = (line.partition(" = ") for line in lines.strip().splitlines())
    return {form: said(spoken) for written, _, spoken in rows for form in written.split()}


# Compared without case; a full stop at the end may as well end the sentence.
ABBREVIATIONS = _table(
    """
i.e. ie. i.e = i e, that is, ie
e.g. eg. e.g = e g, for example, for instance, eg
etc. etc = etc, et cetera, etcetera
vs. vs = versus, vs
v. = versus, v
cf. = cf, compare, c f
viz. = viz, namely
ca. = circa, about, ca
approx. = approximately, approx
a.k.a. aka = a k a, aka, also known as
dr. = doctor, dr
mr. mr = mister, mr
mrs. mrs = missus, mrs
mister = mister
ms. = miss, ms
st. = saint, street, st
mt. = mount, mt
prof. = professor, prof
jr. = junior, jr
sr. = senior, sr
inc. = inc, incorporated
corp. = corp, corporation
ltd. = limited, ltd
co. = co, company
no. = no, number
nos. = numbers, nos
fig. = figure, fig
figs. = figures, figs
eq. = equation, eq
sec. = section, second, sec
ch. = chapter, ch
vol. = volume, vol
p. = page, p
pp. = pages, p p, pp
dept. = department, dept
est. = established, estimated, est
incl. = including, incl
avg. avg = average, avg
max. = maximum, max
min. = minimum, minutes, min
ft. = feet, featuring, ft
w/ = with
w/o = without
b/c = because
c/o = care of, c o
n/a = n a, not applicable
a.m. = a m, am
p.m. = p m, pm
ok = okay
u.s. = u s, us, united states
u.s.a. = u s a, usa
u.k. = u k, uk, united kingdom
e.u. = e u, eu, european union
d.c. = d c, dc
ph.d. phd = ph d, p h d, phd
ph.d.s phds = ph ds, p h ds, p h d s, phds
b.s. = b s, bs
m.s. = m s, ms
tl;dr = t l d r, tldr, tl dr, too long did not read, too long didnt read
tldr = tldr, t l d r, too long did not read, too long didnt read
imo = i m o, imo, in my opinion
imho = i m h o, imho, in my humble opinion
btw = by the way, b t w, btw
fyi = f y i, fyi, for your information
fwiw = for what its worth, for what it is worth, f w i w, fwiw
iirc = if i recall correctly, if i remember correctly, iirc
sota = sota, s o t a, state of the art
yoy = year over year, year on year, y o y, yoy
qoq = quarter over quarter, q o q, qoq
mom = mom, month over month
arxiv = archive, arxiv
sql = sequel, s q l, sql
gui = gooey, g u i, gui
jpeg = jpeg, j peg, jay peg
latex = latex, la tech, lay tech
jan. = january, jan
feb. = february, feb
mar. = march, mar
apr. = april, apr
jun. = june, jun
jul. = july, jul
aug. = august, aug
sept. sep. = september, sept, sep
oct. = october, oct
nov. = november, nov
dec. = december, dec
"""
)
MONTHS = tuple(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)

# Right behind a number, or a word of their own.
UNITS = _table(
    """
K k = thousand, k, kay
M = million, m
m = million, meters, metres, m
MM mm = million, millimeters, millimetres, m m
B b = billion, b
T = trillion, t
mn mio = million
bn = billion, b n
tn = trillion
% = percent, per cent, _
‰ = per mille, per thousand
bp bps = basis points, b p s, bips, bits per second
pp = percentage points, points, p p
ppm = parts per million, p p m
x X × = x, times, fold, ex
° = degrees
°C ℃ = degrees celsius, degrees, degrees c, celsius
°F ℉ = degrees fahrenheit, degrees, degrees f, fahrenheit
am AM = a m, am
pm PM = p m, pm
s = s, seconds, second
sec secs = seconds, second, sec
ms = milliseconds, millisecond, m s, ms
μs us = microseconds, microsecond
ns = nanoseconds, nanosecond
min mins = minutes, minute, min, mins
h = hours, hour, h
hr hrs = hours, hour, h r
d = days, d
wk wks = weeks, week
yr yrs = years, year
nm = nanometers, nanometres, nanometer, n m
μm um = micrometers, micrometres, microns
cm = centimeters, centimetres, c m
km = kilometers, kilometres, k m, kilometer, kilometre
km^2 km2 = square kilometers, square kilometres, kilometers squared
m^2 m2 = square meters, square metres, meters squared, m two
ft = feet, foot
mi = miles, mile
mph = miles per hour, miles an hour, m p h
km/h kph = kilometers per hour, kilometers an hour, kilometres per hour, kilometres an hour, k p h
m/s = meters per second, metres per second
mg = milligrams, m g
kg = kilograms, kilos, k g, kilogram
lb lbs = pounds, pound
oz = ounces, ounce
L = liters, litres
mL ml = milliliters, millilitres
bit = bit, bits
KB kB = kilobytes, kilobyte, k b, kb
MB = megabytes, megabyte, m b, mb, megs
GB = gigabytes, gigabyte, g b, gb, gigs
TB = terabytes, terabyte, t b, tb
PB = petabytes, petabyte, p b
GiB = gibibytes, gigabytes
Mbps Mb/s = megabits per second, megabits a second, m b p s
Gbps Gb/s = gigabits per second, gigabits a second, g b p s
GB/s = gigabytes per second, gigabytes a second, g b per second
TB/s = terabytes per second, terabytes a second, t b per second
Hz = hertz
kHz = kilohertz
MHz = megahertz
GHz = gigahertz
W = watts, watt, w
kW = kilowatts, kilowatt, k w
MW = megawatts, megawatt, m w
GW = gigawatts, gigawatt, g w
TW = terawatts, terawatt
Wh = watt hours
kWh = kilowatt hours, kilowatt hour, k w h
MWh = megawatt hours, megawatt hour
GWh = gigawatt hours, gigawatt hour
TWh = terawatt hours, terawatt hour
V = volts, volt, v
mA = milliamps
dB = decibels, d b
FLOPs FLOPS FLOP flops = flops, flop
GFLOPS GFLOPs = gigaflops
TFLOPS TFLOPs TFLOP/s = teraflops, t flops
PFLOPS PFLOPs PFLOP/s = petaflops
tok = tokens, toks, tok
tok/s tokens/s tok/sec t/s = tokens per second, tokens a second, toks per second, tok s, t s
req/s = requests per second, requests a second
it/s = iterations per second, iterations a second
fps FPS = frames per second, f p s, fps
QPS qps = queries per second, q p s
"""
)

# Before a number.
PREFIXES = _table(
    """
~ = about, around, approximately, roughly, _, tilde, some
≈ = about, approximately, around, roughly, _
< = less than, under, below, fewer than
> = more than, over, greater than, above
≤ <= = at most, less than or equal to, up to, no more than
≥ >= = at least, greater than or equal to, more than or equal to
± +/- = plus or minus, plus minus
# = number, hashtag, hash, _
- − = _, minus, negative
+ = plus, _
' = _
"""
)
PREFIXES[""] = (SILENT,)
CURRENCIES = _table(
    """
$ = dollars, dollar, bucks, _
US$ = us dollars, u s dollars, dollars, dollar
A$ = australian dollars, dollars
C$ = canadian dollars, dollars
€ = euros, euro, _
£ = pounds, pound, _
¥ = yen, yuan, _
₹ = rupees, rupee, _
₿ = bitcoin, bitcoins
"""
)
CURRENCIES[""] = (SILENT,)
# Between two parts of one word, and by themselves.
JOINTS = _table(
    """
/ = _, slash, or, and, per, over
. = _, dot, point
- = _, to, dash, minus, through
– — = _, to, dash, through
− = minus, _, to
: = _, to
+ = plus, and
_ = _, underscore
× = by, times, x
* = times, star, _
→ = to, _, arrow
"""
)
SYMBOLS = _table(
    """
& = and, ampersand
+ = plus, and
= = equals, is, is equal to
≠ = is not equal to, does not equal, not equals, is not
@ = at, _
% = percent, per cent
# = hashtag, number, hash, _
× = times, by, x
÷ = divided by, over
° = degrees
~ = about, around, approximately, roughly, _, tilde
≈ = approximately, about, is about, is approximately, approximately equals
→ = _, to, arrow
⇒ = implies, _
$ = _, dollars
€ = _, euros
£ = _, pounds
< = _, less than, is less than
> = _, greater than, is greater than
≤ = at most, is at most, less than or equal to, is less than or equal to
≥ = at least, is at least, greater than or equal to, is greater than or equal to
± = plus or minus, plus minus
§ = section
§§ = sections
∞ = infinity
√ = square root of, the square root of, root
∑ = sum of, the sum of, sum
∏ = product of, the product of
∂ = partial, d
∇ = nabla, gradient of, grad
∈ = in, is in
− = minus
/ = _, slash
^ = _, caret, to the
"""
)
# Parts of a word, in this case only.
LETTERS = _table(
    """
v = v, version
ai = ai, a i
www = www, w w w, _
α = α, alpha
β = β, beta
γ = γ, gamma
δ = δ, delta
ε = ε, epsilon
ζ = ζ, zeta
η = η, eta
θ = θ, theta
ι = ι, iota
κ = κ, kappa
λ = λ, lambda
μ = μ, mu
ν = ν, nu
ξ = ξ, xi
π = π, pi
ρ = ρ, rho
σ = σ, sigma
τ = τ, tau
υ = υ, upsilon
φ = φ, phi
χ = χ, chi
ψ = ψ, psi
ω = ω, omega
"""
)
# After a slash behind a number: "$5/month".
FREQUENCY = said("a, per, _, every, an, slash, each")
# Around "12+".
OVER = said("_, more than, over, at least")
PLUS = said("_, plus, or more, and up, and over")
CONTRACTIONS = _table(
    """
'll = will
're = are
've = have
'm = am
'd = would, had
's = is, has, us
n't = not
"""
)
IRREGULAR_CONTRACTIONS = _table(
    """
can't = can not
won't = will not
gonna = going to
wanna = want to
gotta = got to
"""
)
