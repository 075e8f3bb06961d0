"""Reads an HTML page with an XML parser: fails unless it is well-formed, and prints its words.

Usage: page.py PAGE.html, which prints JSON: the words in the page's body but its list of sections,
the elements it has, and every address it refers to.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"
# Attributes by which a page can load or call something.
ADDRESSES = {"action", "background", "data", "href", "poster", "src", "srcset"}


def words(element):
    """The words of an element and of all within it, without the list of sections."""
    if element.tag == XHTML + "nav":
        return []
    # Words of two cells or items never run together; code runs on within a sentence.
    found = [element.text or ""]
    for child in element:
        joint = "" if child.tag == XHTML + "code" else " "
        found += [joint, " ".join(words(child)) if joint else child.text or "", joint]
        found.append(child.tail or "")
    return "".join(found).split()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    # An XML parser knows the DOCTYPE of HTML as well, and no entities but its own five.
    root = ElementTree.fromstring(text)
    elements = list(root.iter())
    addresses = [
        value for element in elements for name, value in element.items() if name in ADDRESSES
    ]
    handlers = [name for element in elements for name in element.keys() if name.startswith("on")]
    found = {
        "words": words(root.find(XHTML + "body")),
        "elements": sorted({element.tag.removeprefix(XHTML) for element in elements}),
        "addresses": addresses,
        "handlers": handlers,
        "heads": [element.get("scope") for element in elements if element.tag == XHTML + "th"],
    }
    print(json.dumps(found))


main()
