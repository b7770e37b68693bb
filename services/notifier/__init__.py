"""The notifier: who hears of an item (match), when and in which mail (assign), and its way out (deliver)."""
