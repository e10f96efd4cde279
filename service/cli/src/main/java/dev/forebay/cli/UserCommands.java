package dev.forebay.cli;

import dev.forebay.server.UserAdministration;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What can be done with users, one command each. */
final class UserCommands {
    private UserCommands() {}

    /** A command on one user. */
    abstract static class OnOne implements Callable<Integer> {
        @Mixin private UserDirectory directory;

        @Parameters(paramLabel = "NAME", description = "The user's name.")
        private String name;

        @Override
        public final Integer call() throws IOException {
            run(directory.users(), name);
            return 0;
        }

        abstract void run(UserAdministration users, String user) throws IOException;
    }

    /** Adds one. */
    @Command(
            name = "add",
            description = "Add a user, with a password from a file or from standard input.",
            footerHeading = "%nExample:%n",
            footer = "  forebay user add operator --password-file -",
            mixinStandardHelpOptions = true)
    static final class Add extends OnOne {
        @Mixin private PasswordFile file;

        @Override
        void run(UserAdministration users, String user) throws IOException {
            users.add(user, file.password());
        }
    }

    /** Gives one another password. */
    @Command(
            name = "password",
            description = "Give a user another password; the user's tokens end.",
            footerHeading = "%nExample:%n",
            footer = "  forebay user password operator --password-file new.txt",
            mixinStandardHelpOptions = true)
    static final class Password extends OnOne {
        @Mixin private PasswordFile file;

        @Override
        void run(UserAdministration users, String user) throws IOException {
            users.changePassword(user, file.password());
        }
    }

    /** Removes one. */
    @Command(
            name = "remove",
            description = "Remove a user; the user's tokens end.",
            footerHeading = "%nExample:%n",
            footer = "  forebay user remove operator",
            mixinStandardHelpOptions = true)
    static final class Remove extends OnOne {
        @Override
        void run(UserAdministration users, String user) throws IOException {
            users.remove(user);
        }
    }

    /** Lists them. */
    @Command(
            name = "list",
            description = "List the users, each with the time of its password.",
            footerHeading = "%nExample:%n",
            footer = "  forebay user list --data /var/lib/forebay",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin private UserDirectory directory;
        @Mixin private Rows rows;
        @Spec private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            var users = directory.users().list();
            if (rows.isUnsaid()) {
                users.forEach(user ->
                        Shell.of(spec).out().println(user.name() + "  " + user.passwordSet()));
            } else {
                rows.list(
                        users.stream()
                                .map(user ->
                                        Map.of(
                                                "name", user.name(),
                                                "passwordSet", user.passwordSet().toString()))
                                .toList(),
                        "name",
                        "passwordSet");
            }
            return 0;
        }
    }
}
