package lambdaql;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.Arrays;

/** Values of java.time as AWS's Jackson writes them: moments and durations in seconds, local times as lists of their parts. */
final class Times {
    private static final int DIGITS_OF_NANOSECONDS = 9;

    private Times() {}

    /** A BigDecimal, an int[], an Integer, or a String for what has no other form. */
    static Object written(Object value) {
        if (value instanceof Instant instant) return seconds(instant.getEpochSecond(), instant.getNano());
        if (value instanceof OffsetDateTime time) return written(time.toInstant());
        if (value instanceof ZonedDateTime time) return written(time.toInstant());
        if (value instanceof Duration duration) return seconds(duration.getSeconds(), duration.getNano());
        if (value instanceof LocalDate date) return parts(date);
        if (value instanceof LocalTime time) return parts(time);
        if (value instanceof LocalDateTime time) return joined(parts(time.toLocalDate()), parts(time.toLocalTime()));
        if (value instanceof YearMonth month) return new int[] {month.getYear(), month.getMonthValue()};
        if (value instanceof Year year) return year.getValue();
        return value.toString();
    }

    private static BigDecimal seconds(long seconds, int nanoseconds) {
        if (seconds == 0 && nanoseconds == 0) return BigDecimal.ZERO.setScale(1);
        return BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(nanoseconds, DIGITS_OF_NANOSECONDS)).setScale(DIGITS_OF_NANOSECONDS);
    }

    private static int[] parts(LocalDate date) {
        return new int[] {date.getYear(), date.getMonthValue(), date.getDayOfMonth()};
    }

    /** Without seconds and nanoseconds where there are none. */
    private static int[] parts(LocalTime time) {
        int[] parts = {time.getHour(), time.getMinute(), time.getSecond(), time.getNano()};
        int length = time.getNano() > 0 ? 4 : time.getSecond() > 0 ? 3 : 2;
        return Arrays.copyOf(parts, length);
    }

    private static int[] joined(int[] one, int[] other) {
        int[] joined = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, joined, one.length, other.length);
        return joined;
    }
}
