// SystemC and TLM-2.0; their headers are not held to our warnings.
#ifndef BT_TLM_SYSTEMC_HEADERS_H
#define BT_TLM_SYSTEMC_HEADERS_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#endif
