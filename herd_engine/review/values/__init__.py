"""What cows, pregnancies and places are worth, exactly, at stated prices."""
