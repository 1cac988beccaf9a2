// ARK4(3)6L[2]SA: additive Runge-Kutta of order 4 with six stages. Its ESDIRK, stiffly accurate and L-stable,
// takes the whole of a field or, where the field splits itself, the stiff half beside an explicit method for
// the other one; embedded row and cubic dense output are common to both. C. A. Kennedy, M. H. Carpenter,
// Appl. Numer. Math. 44 (2003) 139-181, appendix C.
#include <odeon/sdk/implicit_rk.hpp>

constexpr double g = 1. / 4;

constexpr odeon::Tableau<6, 3> kTableau{
    .order = 4,
    .embedded_order = 3,
    .c = {0, 1. / 2, 83. / 250, 31. / 50, 17. / 20, 1},
    .a = {{{},
           {g, g},
           {8611. / 62500, -1743. / 31250, g},
           {5012029. / 34652500, -654441. / 2922500, 174375. / 388108, g},
           {15267082809. / 155376265600, -71443401. / 120774400, 730878875. / 902184768, 2285395. / 8070912,
            g},
           {82889. / 524892, 0, 15625. / 83664, 69875. / 102672, -2260. / 8211, g}}},
    .a_explicit = {{{},
                    {1. / 2},
                    {13861. / 62500, 6889. / 62500},
                    {-116923316275. / 2393684061468, -2731218467317. / 15368042101831,
                     9408046702089. / 11113171139209},
                    {-451086348788. / 2902428689909, -2682348792572. / 7519795681897,
                     12662868775082. / 11960479115383, 3355817975965. / 11060851509271},
                    {647845179188. / 3216320057751, 73281519250. / 8382639484533,
                     552539513391. / 3454668386233, 3354512671639. / 8306763924573, 4040. / 17871}}},
    .b = {82889. / 524892, 0, 15625. / 83664, 69875. / 102672, -2260. / 8211, g},
    .b_hat = {4586570599. / 29645900160, 0, 178811875. / 945068544, 814220225. / 1159782912,
              -3700637. / 11593932, 61727. / 225920},
    .dense = {{{6943876665148. / 7220017795957, -54480133. / 30881146, 6818779379841. / 7100303317025},
               {},
               {7640104374378. / 9702883013639, -11436875. / 14766696, 2173542590792. / 12501825683035},
               {-20649996744609. / 7521556579894, 174696575. / 18121608, -31592104683404. / 5083833661969},
               {8854892464581. / 2390941311638, -12120380. / 966161, 61146701046299. / 7138195549469},
               {-11397109935349. / 6675773540249, 3843. / 706, -17219254887155. / 4939391667607}}},
    .dense_order = 3,
};

ODEON_PLUGIN_IMPLICIT_RK(
    "kencarp4", kTableau, "Kennedy-Carpenter 4(3)",
    "Order 4 with an embedded estimate of order 3, L-stable, stiffly accurate, cubic dense "
    "output: ARK4(3)6L[2]SA. Additive where the field splits itself: the stiff half implicitly, the other "
    "one "
    "explicitly. Kennedy and Carpenter (2003).")
