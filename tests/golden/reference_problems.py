"""The problems of tests/problems once more, written independently of their formulas there.

f(t, y, m): a list of derivatives; m has sin, cos, exp, sqrt for the arithmetic in use. Numbers are doubles, so that
the reference belongs to the problem that a double precision code solves.
"""
import math


class Problem:
    def __init__(self, name, f, stop, initial, *, start=0.0, magnitude=1.0, stiff=False, cited=None, source=None,
                 digits=12, radau=1e-9):
        self.name, self.f, self.start, self.stop, self.initial = name, f, start, stop, [float(v) for v in initial]
        self.magnitude = magnitude  # errors in parts that are smaller count as if they were as large
        self.stiff, self.radau = stiff, radau  # radau: tolerance of SciPy's Radau
        self.cited, self.source, self.digits = cited, source, digits


DETEST = "Enright and Pryce, ACM TOMS 13 (1987) 28-34, Algorithm 648"
TEST_SET = "Mazzia and Magherini, Test Set for Initial Value Problem Solvers, release 2.4"


def linear(matrix, inhomogeneity=None):
    rows = [[(j, a) for j, a in enumerate(row) if a] for row in matrix]
    constant = inhomogeneity or [0.0] * len(matrix)
    return lambda t, y, m: [sum((a * y[j] for j, a in row), c) for row, c in zip(rows, constant)]


def unit(n):
    return [1.0] + [0.0] * (n - 1)


def tridiagonal(n):
    return [[-2.0 if i == j else 1.0 if abs(i - j) == 1 else 0.0 for j in range(n)] for i in range(n)]


def decay_chain(rates):
    """Each species becomes the next one; the last is stable."""
    n = len(rates) + 1
    matrix = [[0.0] * n for _ in range(n)]
    for i, rate in enumerate(rates):
        matrix[i][i] -= rate
        matrix[i + 1][i] += rate
    return matrix


def kepler(t, y, m):
    r = m.sqrt(y[0] * y[0] + y[1] * y[1])
    return [y[2], y[3], -y[0] / (r * r * r), -y[1] / (r * r * r)]


def kepler_start(e):
    return [1 - e, 0.0, 0.0, math.sqrt((1 + e) / (1 - e))]


OUTER_PLANETS = dict(
    k2=2.95912208286, sun=1.00000597682,
    mass=[0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778],
    start=[3.42947415189, 3.35386959711, 1.35494901715, 6.64145542550, 5.97156957878, 2.18231499728,
           11.2630437207, 14.6952576794, 6.27960525067, -30.1552268759, 1.65699966404, 1.43785752721,
           -21.1238353380, 28.4465098142, 15.3882659679, -0.557160570446, 0.505696783289, 0.230578543901,
           -0.415570776342, 0.365682722812, 0.169143213293, -0.325325669158, 0.189706021964, 0.0877265322780,
           -0.0240476254170, -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025,
           -0.0148647893090])


def outer_planets(t, y, m):
    k2, sun, mass = OUTER_PLANETS["k2"], OUTER_PLANETS["sun"], OUTER_PLANETS["mass"]
    at = [y[3 * j:3 * j + 3] for j in range(5)]
    cube = lambda v: (lambda r: r * r * r)(m.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]))
    r3 = [cube(p) for p in at]
    d3 = [[cube([a - b for a, b in zip(at[j], at[k])]) if j != k else None for k in range(5)] for j in range(5)]
    acceleration = []
    for j in range(5):
        for i in range(3):
            pull = -(sun + mass[j]) * at[j][i] / r3[j]
            for k in range(5):
                if k != j:
                    pull += mass[k] * ((at[k][i] - at[j][i]) / d3[j][k] - at[k][i] / r3[k])
            acceleration.append(k2 * pull)
    return list(y[15:]) + acceleration


def b4(t, y, m):
    r = m.sqrt(y[0] * y[0] + y[1] * y[1])
    return [-y[1] - y[0] * y[2] / r, y[0] - y[1] * y[2] / r, y[0] / r]


def detest():
    p = []

    def add(name, f, initial, cited, digits=12):
        p.append(Problem(f"detest_{name}", f, 20.0, initial, cited=cited, source=DETEST, digits=digits))

    add("a1", lambda t, y, m: [-y[0]], [1], [2.061153353012535e-09])
    add("a2", lambda t, y, m: [-y[0] ** 3 / 2], [1], [0.2182178902359887])
    add("a3", lambda t, y, m: [y[0] * m.cos(t)], [1], [2.491650271850414])
    add("a4", lambda t, y, m: [y[0] / 4 * (1 - y[0] / 20)], [1], [17.73016648131483])
    add("a5", lambda t, y, m: [(y[0] - t) / (y[0] + t)], [4], [-0.7887826688964196])
    add("b1", lambda t, y, m: [2 * (y[0] - y[0] * y[1]), -(y[1] - y[0] * y[1])], [1, 3],
        [0.6761876008576667, 0.1860816099640036])
    add("b2", linear([[-1, 1, 0], [1, -2, 1], [0, 1, -1]]), [2, 0, 1],
        [1.000000001030576, 1.0, 0.9999999989694235])
    add("b3", lambda t, y, m: [-y[0], y[0] - y[1] ** 2, y[1] ** 2], [1, 0, 0],
        [2.061153488557776e-09, 5.257228022048349e-02, 0.9474277177183630])
    add("b4", b4, [3, 0, 0], [0.9826950928005993, 2.198447081694832, 0.9129452507276399])
    add("b5", lambda t, y, m: [y[1] * y[2], -y[0] * y[2], -0.51 * y[0] * y[1]], [0, 1, 1],
        [-0.9396570798729192, -0.3421177754000779, 0.7414126596199957])
    add("c1", linear(decay_chain([1.0] * 9)), unit(10),
        [2.061153622240064e-09, 4.122307244619555e-08, 4.122307244716968e-07, 2.748204829855288e-06,
         1.374102414941961e-05, 5.496409659803266e-05, 1.832136553274552e-04, 5.234675866508716e-04,
         1.308668966628220e-03, 0.9979127409508656])
    add("c2", linear(decay_chain([float(i) for i in range(1, 10)])), unit(10),
        [2.061153577984930e-09, 2.061153573736588e-09, 2.061153569488245e-09, 2.061153565239902e-09,
         2.061153560991560e-09, 2.061153556743217e-09, 2.061153552494874e-09, 2.061153548246532e-09,
         2.061153543998189e-09, 0.9999999814496180])
    add("c3", linear(tridiagonal(10)), unit(10),
        [2.948119211022058e-03, 5.635380154844266e-03, 7.829072515926013e-03, 9.348257908594937e-03,
         1.007943610301970e-02, 9.982674171429909e-03, 9.088693332766085e-03, 7.489115195185912e-03,
         5.322964130953349e-03, 2.762434379029886e-03])
    add("c4", linear(tridiagonal(51)), unit(51),
        [3.124111453721466e-03, 6.015416842150318e-03, 8.470021834842650e-03, 1.033682931733337e-02,
         1.153249572873923e-02, 1.204549525737964e-02, 1.192957068015293e-02, 1.128883207111195e-02,
         1.025804501391024e-02, 8.982017581934167e-03, 7.597500902492453e-03, 6.219920556824985e-03,
         4.935916341009131e-03, 3.801432544256119e-03, 2.844213677587894e-03, 2.069123394222672e-03])
    add("c5", outer_planets, OUTER_PLANETS["start"],
        [-4.792730224323733, -2.420550725448973, -9.212509306014886e-01, -4.217310404035213, 7.356202947498970,
         3.223785985421212, 4.035559443262270, 17.19865528670555, 7.478910794233703, -29.98759326324844,
         -4.107310937550929, -9.277008321754407e-01, -24.42125302518482, 23.81459045746554, 14.92096306951359])
    ends = [[2.198835352008397e-01, 9.427076846341813e-01, -9.787659841058176e-01, 3.287977990962036e-01],
            [-1.777027357140412e-01, 9.467784719905892e-01, -1.030294163192969, 1.211074890053952e-01],
            [-5.780432953035361e-01, 8.633840009194193e-01, -9.595083730380727e-01, -6.504915126712089e-02],
            [-9.538990293416394e-01, 6.907409024219432e-01, -8.212674270877433e-01, -1.539574259125825e-01],
            [-1.295266250987574, 4.003938963792321e-01, -6.775390924707566e-01, -1.270838154278686e-01]]
    for i, (e, end) in enumerate(zip((0.1, 0.3, 0.5, 0.7, 0.9), ends)):
        add(f"d{i + 1}", kepler, kepler_start(e), end)
    add("e1", lambda t, y, m: [y[1], -(y[1] / (t + 1) + (1 - 0.25 / (t + 1) ** 2) * y[0])],
        [0.6713967071418030, 0.09540051444747446], [1.456723600728308e-01, -9.883500195574063e-02])
    add("e2", lambda t, y, m: [y[1], (1 - y[0] ** 2) * y[1] - y[0]], [2, 0],
        [2.008149762174948, -4.250887527320057e-02])
    add("e3", lambda t, y, m: [y[1], y[0] ** 3 / 6 - y[0] + 2 * m.sin(2.78535 * t)], [0, 0],
        [-1.004178858647128e-01, 2.411400132095954e-01])
    add("e4", lambda t, y, m: [y[1], 0.032 - 0.4 * y[1] ** 2], [30, 0], [33.95091444646555, 2.767822659672869e-01])
    add("e5", lambda t, y, m: [y[1], m.sqrt(1 + y[1] ** 2) / (25 - t)], [0, 0], [14.11797390542629, 2.4])
    return p


def quadratic_cascade(t, y, m):
    """Stiff C1: each component is driven by the squares of the faster ones."""
    return [-y[0] + y[1] ** 2 + y[2] ** 2 + y[3] ** 2, -10 * y[1] + 10 * (y[2] ** 2 + y[3] ** 2),
            -40 * y[2] + 40 * y[3] ** 2, -100 * y[3] + 2]


def coupled_cascade(beta):
    return lambda t, y, m: [-y[0] + 2, -10 * y[1] + beta * y[0] ** 2,
                            -40 * y[2] + 4 * beta * (y[0] ** 2 + y[1] ** 2),
                            -100 * y[3] + 10 * beta * (y[0] ** 2 + y[1] ** 2 + y[2] ** 2)]


def stiff_d3(t, y, m):
    forward, pair = y[2] - 100 * y[0] * y[1], y[3] - 1e4 * y[1] ** 2
    return [forward, forward + 2 * pair, -forward, -pair]


def stiff_d4(t, y, m):
    a, b = -0.013 * y[0] - 1000 * y[0] * y[2], -2500 * y[1] * y[2]
    return [a, b, a + b]


def stiff_d5(t, y, m):
    s = 0.01 + y[0] + y[1]
    return [0.01 - s * (1 + (y[0] + 1000) * (y[0] + 1)), 0.01 - s * (1 + y[1] ** 2)]


def stiff_d6(t, y, m):
    a, b = -y[0] + 1e8 * y[2] * (1 - y[0]), -10 * y[1] + 3e7 * y[2] * (1 - y[1])
    return [a, b, -a - b]


def stiff_e1(t, y, m):
    return [y[1], y[2], y[3],
            (y[0] ** 2 - m.sin(y[0]) - 1e8) * y[0] + (y[1] * y[2] / (y[0] ** 2 + 1) - 4e6) * y[1]
            + (1 - 6e4) * y[2] + (10 * m.exp(-y[3] ** 2) - 400) * y[3] + 1]


def stiff_e4(t, y, m):
    """z' = q(z) - B z for z = U y, with U v = sum(v)/2 - v its own inverse."""
    turn = lambda v: [sum(v) / 2 - x for x in v]
    z = turn(y)
    quadratic = [(z[0] ** 2 - z[1] ** 2) / 2, z[0] * z[1], z[2] ** 2, z[3] ** 2]
    linear_part = [-10 * z[0] - 10 * z[1], 10 * z[0] - 10 * z[1], 1000 * z[2], z[3] / 100]
    return turn([a - b for a, b in zip(quadratic, linear_part)])


def stiff_e5(t, y, m):
    a, b, c = 7.89e-10 * y[0], 1.1e7 * y[0] * y[2], 1.13e9 * y[1] * y[2]
    d = b - 1.13e3 * y[3]
    return [-a - b, a - c, a - c - d, d]


def stiff_detest():
    p = []

    def add(name, f, stop, initial, cited, magnitude=1.0, digits=10, radau=1e-9):
        p.append(Problem(f"stiff_detest_{name}", f, stop, initial, magnitude=magnitude, stiff=True, cited=cited,
                         source=DETEST, digits=digits, radau=radau))

    add("a1", linear([[-0.5, 0, 0, 0], [0, -1, 0, 0], [0, 0, -100, 0], [0, 0, 0, -90]]), 20.0, [1] * 4,
        [4.539992969929191e-05, 2.061153036149920e-09, 0.0, 0.0])
    a2 = tridiagonal(9)
    a2[0][:2], a2[8][7:] = [-1800.0, 900.0], [1000.0, -2000.0]
    add("a2", linear(a2, [0.0] * 8 + [1000.0]), 120.0, [0] * 9,
        [9.999912552999704e-02, 1.999982511586291e-01, 2.999975543202422e-01, 3.999971057541257e-01,
         4.999969509963023e-01, 5.999971057569546e-01, 6.999975543256127e-01, 7.999982511659962e-01,
         8.999991255386128e-01])
    add("a3", linear([[-1e4, 100, -10, 1], [0, -1e3, 10, -10], [0, 0, -1, 10], [0, 0, 0, -0.1]]), 20.0, [1] * 4,
        [-1.353352661867235e-03, 1.368526917891521e-02, 1.503725348455117, 1.353352832366099e-01])
    add("a4", lambda t, y, m: [-float(i + 1) ** 5 * v for i, v in enumerate(y)], 1.0, [1] * 10,
        [3.678794411714325e-01, 1.265870722340194e-14] + [0.0] * 8)
    add("b1", linear([[-1, 1, 0, 0], [-100, -1, 0, 0], [0, 0, -100, 1], [0, 0, -1e4, -100]]), 20.0, [1, 0, 1, 0],
        [1.004166730990124e-09, 1.800023280346500e-08, 0.0, 0.0])
    for i, a in enumerate((3.0, 8.0, 25.0, 100.0)):
        matrix = [[0.0] * 6 for _ in range(6)]
        matrix[0][:2], matrix[1][:2] = [-10.0, a], [-a, -10.0]
        for j, rate in enumerate((4.0, 1.0, 0.5, 0.1)):
            matrix[j + 2][j + 2] = -rate
        add(f"b{i + 2}", linear(matrix), 20.0, [1] * 6,
            [0.0, 0.0, 0.0, 2.061153622438558e-09, 4.539992976248485e-05, 1.353352832366127e-01])
    add("c1", quadratic_cascade, 20.0, [1] * 4,
        [4.003223925456179e-04, 4.001600000000000e-04, 4.000000000000000e-04, 2.000000000000000e-02])
    ends = [[1.999999997938994, 3.999999990839974e-02, 4.001599991537078e-02, 4.003201271914461e-02],
            [1.999999997939167, 3.999999990840744e-01, 4.159999990793773e-01, 4.333055990159567e-01],
            [1.999999997938846, 3.999999990839318, 19.99999991637941, 419.9999965390368],
            [1.999999997938846, 7.999999981678634, 135.9999993817714, 37127.99965967762]]
    for i, (beta, end) in enumerate(zip((0.1, 1.0, 10.0, 20.0), ends)):
        add(f"c{i + 2}", coupled_cascade(beta), 20.0, [1] * 4, end)
    add("d1", lambda t, y, m: [0.2 * (y[1] - y[0]), 10 * y[0] - (60 - 0.125 * y[2]) * y[1] + 0.125 * y[2], 1 + 0 * t],
        400.0, [0] * 3, [22.24222010616901, 27.11071334484136, 400.0])
    add("d2", lambda t, y, m: [-0.04 * y[0] + 0.01 * y[1] * y[2], 400 * y[0] - 100 * y[1] * y[2] - 3000 * y[1] ** 2,
                               30 * y[1] ** 2], 40.0, [1, 0, 0],
        [7.158270687193941e-01, 9.185534764557338e-02, 28.41637457458413])
    add("d3", stiff_d3, 20.0, [1, 1, 0, 0],
        [6.397604446889910e-01, 5.630850708287990e-03, 3.602395553110090e-01, 3.170647969903515e-01])
    add("d4", stiff_d4, 50.0, [1, 1, 0], [5.976546980673215e-01, 1.402343408546138, -1.893386540441913e-06],
        magnitude=1e-6)
    add("d5", stiff_d5, 100.0, [0, 0], [-9.916420698713913e-01, 9.833363588544478e-01])
    add("d6", stiff_d6, 1.0, [1, 0, 0], [8.523995440749948e-01, 1.476003981941319e-01, 5.773087333950041e-08],
        magnitude=1e-7)
    add("e1", stiff_e1, 1.0, [0] * 4, [1.000000000000012e-08, 0.0, 0.0, 0.0], magnitude=1e-8,
        radau=1e-8)
    add("e2", lambda t, y, m: [y[1], 5 * (1 - y[0] ** 2) * y[1] - y[0]], 10.0, [2, 0],
        [-1.158701266031984, 4.304698089780476e-01])
    add("e3", lambda t, y, m: [-(55 + y[2]) * y[0] + 65 * y[1], 0.0785 * (y[0] - y[1]), 0.1 * y[0]], 500.0, [1, 1, 0],
        [4.253052197643089e-03, 5.317019548450387e-03, 26.27647748753926])
    add("e4", stiff_e4, 1000.0, [0, -2, -1, -1],
        [19.99999977523654, -20.00000022476345, -2.247634567084293e-07, 2.247634567084293e-07])
    add("e5", stiff_e5, 1000.0, [1.76e-3, 0, 0, 0],
        [1.618076919919600e-03, 1.382236955418478e-10, 8.251573436034144e-12, 1.299721221058136e-10],
        magnitude=1e-10, digits=7)
    return p


def van_der_pol(mu):
    return lambda t, y, m: [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]]


def robertson(t, y, m):
    slow, middle, fast = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return [middle - slow, slow - middle - fast, fast]


def hires(t, y, m):
    bound = 280 * y[5] * y[7]
    return [-1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007, 1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4], 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * (y[5] + y[6]),
            -bound + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6], bound - 1.81 * y[6],
            1.81 * y[6] - bound]


def orego(t, y, m):
    return [77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1])), (y[2] - (1 + y[0]) * y[1]) / 77.27,
            0.161 * (y[0] - y[2])]


def pleiades(t, y, m):
    """Seven stars of masses 1 to 7 in a plane; state x1..x7, y1..y7 and their velocities."""
    ax, ay = [], []
    for i in range(7):
        sx = sy = 0
        for j in range(7):
            if i != j:
                dx, dy = y[j] - y[i], y[7 + j] - y[7 + i]
                r = m.sqrt(dx * dx + dy * dy)
                sx, sy = sx + (j + 1) * dx / (r * r * r), sy + (j + 1) * dy / (r * r * r)
        ax.append(sx)
        ay.append(sy)
    return list(y[14:]) + ax + ay


def arenstorf(t, y, m):
    mu = 0.012277471
    nu = 1 - mu
    r1, r2 = m.sqrt((y[0] + mu) ** 2 + y[1] ** 2), m.sqrt((y[0] - nu) ** 2 + y[1] ** 2)
    return [y[2], y[3], y[0] + 2 * y[3] - nu * (y[0] + mu) / r1**3 - mu * (y[0] - nu) / r2**3,
            y[1] - 2 * y[2] - nu * y[1] / r1**3 - mu * y[1] / r2**3]


def brusselator(n):
    """Hairer and Wanner II, IV.1 and IV.10: u, v in n points inside of (0, 1), alternating in the state."""
    diffusion = 0.02 * (n + 1) ** 2

    def f(t, y, m):
        u, v = [1, *y[0::2], 1], [3, *y[1::2], 3]
        out = []
        for i in range(1, n + 1):
            out.append(1 + u[i] ** 2 * v[i] - 4 * u[i] + diffusion * (u[i - 1] - 2 * u[i] + u[i + 1]))
            out.append(3 * u[i] - u[i] ** 2 * v[i] + diffusion * (v[i - 1] - 2 * v[i] + v[i + 1]))
        return out

    initial = [value for i in range(1, n + 1) for value in (1 + math.sin(2 * math.pi * i / (n + 1)), 3.0)]
    return f, initial


def heat(n):
    h = 1 / (n + 1)
    matrix = [[v / (h * h) for v in row] for row in tridiagonal(n)]
    initial = [math.sin(math.pi * i * h) + 0.5 * math.sin(3 * math.pi * i * h) for i in range(1, n + 1)]
    return linear(matrix), initial


PLEIADES_START = [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0]
PLEIADES_END = [0.3706139143970502, 3.237284092057233, -3.222559032418324, 0.6597091455775310, 0.3425581707156584,
                1.562172101400631, -0.7003092922212495, -3.943437585517392, -3.271380973972550, 5.225081843456543,
                -2.590612434977470, 1.198213693392275, -0.2429682344935824, 1.091449240428980, 3.417003806314313,
                1.354584501625501, -2.590065597810775, 2.025053734714242, -1.155815100160448, -0.8072988170223021,
                0.5952396354208710, -3.741244961234010, 0.3773459685750630, 0.9386858869551073, 0.3667922227200571,
                -0.3474046353808490, 2.344915448180937, -1.947020434263292]


def others():
    arenstorf_start = [0.994, 0.0, 0.0, -2.00158510637908252240537862224]
    bruss, bruss_start = brusselator(20)
    warm, warm_start = heat(20)
    return [
        Problem("lotka_volterra", lambda t, y, m: [1.5 * y[0] - y[0] * y[1], y[0] * y[1] - 3 * y[1]], 10.0, [1, 1]),
        Problem("lorenz", lambda t, y, m: [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 2.6666666666666665 * y[2]],
                8.0, [1, 1, 1]),
        Problem("kepler", kepler, 20.0, kepler_start(0.6)),
        # Closed: the end is the start, as far as the sixteen digits of the start and of the period carry.
        Problem("arenstorf", arenstorf, 17.0652165601579625588917206249, arenstorf_start, cited=arenstorf_start,
                source="Hairer, Norsett and Wanner I, II.0", digits=9),
        Problem("pleiades", pleiades, 3.0, PLEIADES_START, cited=PLEIADES_END, source=TEST_SET, digits=11),
        Problem("van_der_pol_5", van_der_pol(5.0), 20.0, [2, 0]),
        Problem("van_der_pol_1e3", van_der_pol(1e3), 2000.0, [2, 0], magnitude=1e-3, stiff=True,
                cited=[1.706167732170469, -0.8928097010248125e-3], source=TEST_SET, digits=12),
        # Time in units of mu, so that the period is 1.6.
        Problem("van_der_pol_1e6", lambda t, y, m: [y[1], 1e12 * ((1 - y[0] ** 2) * y[1] - y[0])], 2.0, [2, 0],
                stiff=True),
        Problem("robertson", robertson, 1e11, [1, 0, 0], magnitude=1e-6, stiff=True,
                cited=[0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050], source=TEST_SET, digits=12),
        Problem("hires", hires, 321.8122, [1, 0, 0, 0, 0, 0, 0, 0.0057], magnitude=1e-4, stiff=True,
                cited=[0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
                       0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2],
                source=TEST_SET, digits=11),
        Problem("orego", orego, 360.0, [1, 2, 3], magnitude=1e-6, stiff=True,
                cited=[1.000814870318523, 1228.178521549917, 132.0554942846706], source=TEST_SET, digits=11),
        Problem("brusselator", bruss, 10.0, bruss_start, stiff=True),
        Problem("heat", warm, 0.2, warm_start, stiff=True),
    ]


def all_problems():
    return detest() + stiff_detest() + others()
