#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "_count.h"

static PyObject *
lengths(PyObject *self, PyObject *argument)
{
    Py_buffer view;
    PyObject *found = NULL;
    size_t at = 0, size;

    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    size = (size_t)view.len;
    found = PyList_New(0);
    while (found != NULL && at < size) {
        size_t length = run_at(view.buf, size, at);
        PyObject *item = PyLong_FromSize_t(length);
        if (item == NULL || PyList_Append(found, item) < 0) {
            Py_CLEAR(found);
        }
        Py_XDECREF(item);
        at += length;
    }
    PyBuffer_Release(&view);
    return found;
}

static PyObject *
longest(PyObject *self, PyObject *argument)
{
    Py_buffer view;
    size_t best = 0, at = 0, size;

    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    size = (size_t)view.len;
    while (at < size) {
        size_t length = run_at(view.buf, size, at);
        if (length > best) {
            best = length;
        }
        at += length;
    }
    PyBuffer_Release(&view);
    return PyLong_FromSize_t(best);
}

static PyMethodDef methods[] = {
    {"lengths", lengths, METH_O, "Lengths of the runs of equal bytes, in order."},
    {"longest", longest, METH_O, "Length of the longest run; 0 where there is none."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_count", NULL, -1, methods};

PyMODINIT_FUNC
PyInit__count(void)
{
    return PyModule_Create(&module);
}
