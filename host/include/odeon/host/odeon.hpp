// Odeon as a library: everything that a program needs to embed it. Link odeon::odeon of find_package(odeon).
#pragma once
#include <odeon/host/batch_field.hpp>
#include <odeon/host/cancel.hpp>
#include <odeon/host/error.hpp>
#include <odeon/host/event_function.hpp>
#include <odeon/host/function_field.hpp>
#include <odeon/host/gradient_pass.hpp>
#include <odeon/host/problem.hpp>
#include <odeon/host/session.hpp>
#include <odeon/host/solution.hpp>
